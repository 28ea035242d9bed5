/** Tasks that a child may hold beyond the current one: enough to stay busy until the parent's next turn, few enough to be taken back soon. */
const PIPELINE_MS = 25;
const MAX_TASKS = 64;
/** The weight of new averages. */
const WEIGHT = 0.1;

/** Average milliseconds per task -> number of tasks that a child may hold. Unknown: 2. */
export function pipelineDepth(averageMs: number | undefined): number {
  if (averageMs === undefined) return 2;
  return Math.max(2, Math.min(MAX_TASKS, Math.floor(PIPELINE_MS / averageMs)));
}

/** The moving average after one more task. */
export const nextAverage = (averageMs: number | undefined, ms: number) =>
  averageMs === undefined ? ms : averageMs + WEIGHT * (ms - averageMs);

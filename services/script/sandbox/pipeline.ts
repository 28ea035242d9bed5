/** Work that a child may hold beyond the task it is at: enough to be busy until the parent looks again, little enough to be taken back soon. */
const PIPELINE_MS = 25;
const MOST_TASKS = 64;
/** New averages count so much. */
const WEIGHT = 0.1;

/** Average milliseconds a task -> number of tasks that a child may hold. Unknown: 2. */
export function pipelineDepth(averageMs: number | undefined): number {
  if (averageMs === undefined) return 2;
  return Math.max(2, Math.min(MOST_TASKS, Math.floor(PIPELINE_MS / averageMs)));
}

/** The moving average after one more task. */
export const nextAverage = (averageMs: number | undefined, ms: number) =>
  averageMs === undefined ? ms : averageMs + WEIGHT * (ms - averageMs);

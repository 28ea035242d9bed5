import { getTask, listTaskResults } from "../api/client.ts";
import { debugStep } from "../api/debug-step.ts";
import type { PageSource, SelectedTasks, TaskDetail } from "../api/types.ts";
import { compareResults, type ResultChange } from "../debugger/compare-results.ts";
import { taskOfStored } from "../debugger/steps.ts";

/** What a script that is not saved changes in the results of a task. */
export interface Trial {
  taskid: string;
  url: string;
  changes: ResultChange[];
  /** Why there are none. */
  error?: string;
}

/**
 * Runs some tasks as steps of the debugger and compares their results with the stored ones. Nothing is stored.
 *
 * @param onTrial is called with each task's outcome, in order.
 */
export async function trySample(
  { project, script, source }: { project: string; script: string; source: PageSource },
  sample: SelectedTasks["sample"],
  onTrial: (trial: Trial) => void,
): Promise<void> {
  for (const { taskid, url } of sample) {
    const [task, { results }] = await Promise.all([getTask(project, taskid).load(), listTaskResults(project, taskid).load()]);
    const { process, ...report } = await runTask(project, script, task, source);
    const changes = compareResults(
      results.map(({ result }) => result),
      report.results,
    );
    onTrial({ taskid, url, ...(process.error ? { changes: [], error: process.error.message } : { changes }) });
  }
}

/** A task without a stored page is fetched, as the rerun would do it. */
async function runTask(project: string, script: string, task: TaskDetail, source: PageSource) {
  try {
    return await debugStep(project, script, taskOfStored(task), source);
  } catch (error) {
    if (source === "live" || (error as { code?: string }).code !== "E_NOT_FOUND") throw error;
    return debugStep(project, script, taskOfStored(task), "live");
  }
}

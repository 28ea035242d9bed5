import { SKIP_REASONS, type Skipped } from "../core/protocol/skipped.ts";
import { SYSTEM_TASK_PREFIX, TASK_STATUS, type TaskStatus } from "../core/protocol/task.ts";
import type { SchedulerState } from "./state.ts";
import type { CounterRow } from "./store/scheduler-projects.ts";
import type { EndDecision } from "./task-end.ts";

/** Counts the events of one round, one row per project. The platform's own tasks count only as pending. */
export class RoundCounters {
  readonly #rows = new Map<string, CounterRow>();
  readonly #state: SchedulerState;

  constructor(state: SchedulerState) {
    this.#state = state;
  }

  get rows(): CounterRow[] {
    return [...this.#rows.values()];
  }

  inserted(project: string, taskid: string): void {
    this.#addPending(project, 1);
    if (!taskid.startsWith(SYSTEM_TASK_PREFIX)) this.#row(project).pending++;
  }

  /** @param before the status before the change. */
  restarted(project: string, taskid: string, before: TaskStatus): void {
    if (before === TASK_STATUS.ACTIVE) return;
    this.inserted(project, taskid);
    if (!taskid.startsWith(SYSTEM_TASK_PREFIX)) this.#leave(project, before);
  }

  cancelled(project: string, taskid: string, before: TaskStatus): void {
    if (before === TASK_STATUS.ACTIVE) this.#addPending(project, -1);
    else if (!taskid.startsWith(SYSTEM_TASK_PREFIX)) this.#leave(project, before);
  }

  ended(project: string, taskid: string, { event, queue, fetchMs, processMs }: EndDecision & { fetchMs: number; processMs: number }): void {
    if (queue === null) this.#addPending(project, -1);
    if (taskid.startsWith(SYSTEM_TASK_PREFIX)) return;
    const row = this.#row(project);
    row[event]++;
    row.fetchMs += fetchMs;
    row.processMs += processMs;
    if (queue !== null) return;
    if (event === "success") row.successDelta++;
    else row.failedDelta++;
  }

  /** Links of a project's pages that became no tasks. */
  skipped(project: string, skipped: Skipped): void {
    const row = this.#row(project);
    for (const reason of SKIP_REASONS) {
      const count = skipped[reason] ?? 0;
      if (count > 0) row.skipped = { ...row.skipped, [reason]: (row.skipped?.[reason] ?? 0) + count };
    }
  }

  #leave(project: string, before: TaskStatus): void {
    if (before === TASK_STATUS.SUCCESS) this.#row(project).successDelta--;
    if (before === TASK_STATUS.FAILED) this.#row(project).failedDelta--;
  }

  #addPending(project: string, delta: number): void {
    this.#row(project).pendingDelta += delta;
    const state = this.#state.projects.get(project);
    if (state) state.pending += delta;
  }

  #row(project: string): CounterRow {
    let row = this.#rows.get(project);
    if (!row) {
      const zero = { pending: 0, success: 0, retry: 0, failed: 0, fetchMs: 0, processMs: 0 };
      row = { project, pendingDelta: 0, successDelta: 0, failedDelta: 0, ...zero };
      this.#rows.set(project, row);
    }
    return row;
  }
}

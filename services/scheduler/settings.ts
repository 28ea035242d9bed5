import type { CreditLimits } from "./credit.ts";

export interface SchedulerSettings {
  /** Names this process in the lease, so that an operator can tell who schedules. */
  holder: string;
  credit: CreditLimits;
  /** Seconds by failures so far, for scripts that say nothing of their own. */
  defaultRetryDelaysSeconds: readonly number[];
  /** Failures in a row that pause a project; 0 switches auto-pause off. */
  failuresToPause: number;
  /** How long a stopped project with `delete` in its group is kept after its last change. */
  deleteSeconds: number;
  /** Pages that may still be fetched; counted down. Absent: no limit. */
  pageBudget?: { left: number };
}

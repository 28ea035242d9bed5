import type { CreditLimits } from "./credit.ts";

export interface SchedulerSettings {
  /** The name of this process in the lease, so that an operator can identify the active scheduler. */
  holder: string;
  credit: CreditLimits;
  /** Seconds by failures so far, for scripts without their own delays. */
  defaultRetryDelaysSeconds: readonly number[];
  /** Failures in a row that pause a project; 0 turns auto-pause off. */
  failuresToPause: number;
  /** How long a stopped project with `delete` in its group is kept after its last change. */
  deleteSeconds: number;
}

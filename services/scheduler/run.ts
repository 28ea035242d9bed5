import { setTimeout as delay } from "node:timers/promises";
import { dropLease, takeLease } from "../core/store/scheduler-lease.ts";
import { TIME_LIMITS } from "../core/time-limits.ts";
import { LeaseLostError } from "./errors.ts";
import { runTerm, type TermOptions } from "./term.ts";

/** A term that ends in an error is followed by another after so long. */
const RECOVERY_MS = 1_000;

/**
 * Stands by until the scheduler's lease is free, then schedules; goes back to standing by when it is lost, or when Postgres or the queue
 * server fails. Resolves when the signal aborts, with the lease given up, so that a standby takes over at once.
 */
export async function runScheduler(options: TermOptions): Promise<void> {
  const { database, settings, signal, log } = options;
  while (!signal.aborted) {
    try {
      const epoch = await takeLease(database, settings.holder, TIME_LIMITS.schedulerLeaseMs);
      if (epoch === undefined) {
        await delay(TIME_LIMITS.standbyPollMs, undefined, { signal }).catch(() => {});
        continue;
      }
      log.info({ epoch, holder: settings.holder }, "scheduling");
      try {
        await runTerm(epoch, options);
      } finally {
        await dropLease(database, epoch).catch(() => {});
      }
    } catch (error) {
      if (error instanceof LeaseLostError) log.warn(error.message);
      else log.error({ err: error }, "scheduling failed; trying again");
      await delay(RECOVERY_MS, undefined, { signal }).catch(() => {});
    }
  }
}

import { setTimeout as delay } from "node:timers/promises";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import { LeaseLostError } from "./errors.ts";
import { dropLease, takeLease } from "./store/scheduler-lease.ts";
import { runTerm, type TermOptions } from "./term.ts";

/** The delay before the next term after a term that failed. */
const RECOVERY_MS = 1_000;

/**
 * Waits as a standby until the scheduler's lease is free, then schedules. Becomes a standby again when the lease is lost, or when Postgres or the
 * queue server fails. Resolves when the signal aborts, after expiring the lease, so that a standby takes over immediately.
 */
export async function runScheduler(options: TermOptions): Promise<void> {
  const { database, settings, signal, log, health } = options;
  while (!signal.aborted) {
    try {
      const epoch = await takeLease(database, settings.holder, TIME_LIMITS.schedulerLeaseMs);
      if (epoch === undefined) {
        health?.worked(performance.now());
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
      else {
        log.error({ err: error }, "scheduling failed; trying again");
        health?.failed((error as Error).message, performance.now());
      }
      await delay(RECOVERY_MS, undefined, { signal }).catch(() => {});
    }
  }
}

/** Holds the fleet's lock while something is deployed, so that no scheduled restart gets in between. */
import { hostname, userInfo } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { managersOf } from "../../../stacks/config.ts";
import { dropLockScript, LOCK_HELD, LOCK_TAKEN, takeLockScript } from "../../../stacks/render/fleet-lock.ts";
import { FleetLockedError } from "../errors.ts";
import { type Fleet, runOn, runOnManager } from "./fleet-hosts.ts";

const ASK_AGAIN_MS = 5_000;
/** Longer than a scheduled restart of all groups takes. */
const WAIT_MS = 1_800_000;

export interface LockWork {
  say: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Runs `work` under the fleet's lock; waits for whoever has it. Where no manager answers there is no fleet yet, and nothing to keep apart.
 *
 * @throws FleetLockedError if it is not to be had within half an hour.
 */
export async function withFleetLock<T>(fleet: Fleet, { say, signal }: LockWork, work: () => Promise<T>): Promise<T> {
  const end = Date.now() + WAIT_MS;
  let answer = await takeLock(fleet, signal);
  if (answer.holder !== undefined) say(`waiting for ${answer.holder}, which has the fleet's lock`);
  while (answer.holder !== undefined) {
    if (Date.now() > end) throw new FleetLockedError(answer.holder, WAIT_MS / 60_000);
    await delay(ASK_AGAIN_MS, undefined, { signal });
    answer = await takeLock(fleet, signal);
  }
  try {
    return await work();
  } finally {
    if (answer.isTaken) await runOnManager(fleet, dropLockScript()).catch(() => {});
  }
}

/** By the first manager that knows. Neither is set where no swarm is managed. */
async function takeLock(fleet: Fleet, signal: AbortSignal): Promise<{ isTaken?: true; holder?: string }> {
  const script = takeLockScript(`the deployment by ${userInfo().username} on ${hostname()}`);
  for (const host of managersOf(fleet.config.hosts)) {
    const { code, stdout } = await runOn(fleet, host, script, { signal });
    if (code === LOCK_TAKEN) return { isTaken: true };
    if (code === LOCK_HELD) return { holder: stdout.trim() };
  }
  return {};
}

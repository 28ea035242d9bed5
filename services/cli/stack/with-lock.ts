/** Holds the fleet's lock during a deployment, so that no scheduled restart and no other deployment runs at the same time. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { hostname, userInfo } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { Host } from "../../../stacks/config.ts";
import { HEARTBEAT_SECONDS, holdLockScript } from "../../../stacks/render/fleet-lock.ts";
import { managersOf } from "../../../stacks/swarm-plan.ts";
import { FleetLockedError } from "../errors.ts";
import { type Fleet, startShell } from "./fleet-hosts.ts";

/** Longer than a scheduled restart of all groups. */
const MAX_WAIT_MS = 1_800_000;
const SAY_AGAIN_MS = 10_000;
const RETRY_MS = 5_000;
/** Time for the host to release the lock. */
const RELEASE_MS = 10_000;

export interface LockWork {
  say: (line: string) => void;
  signal: AbortSignal;
}

/** The lock's holder as text, for people on other machines. */
export const lockOwner = (): string => `the deployment by ${userInfo().username} on ${hostname()}, process ${process.pid}`;

/**
 * Runs `work` under the fleet's lock, after waiting for its holder. If no manager answers there is no fleet yet, and no lock is needed.
 *
 * @param work receives whether it had to wait for the lock: the fleet may have changed in the meantime.
 * @throws FleetLockedError if the lock is not free within half an hour; the reason of the signal if it aborts before `work` begins.
 */
export async function withFleetLock<T>(fleet: Fleet, context: LockWork, work: (hasWaited: boolean) => Promise<T>): Promise<T> {
  await using lock = new FleetLock(fleet, context);
  return await work(await lock.acquire());
}

/** One session on a manager that holds the lock. If the session breaks, a new one replaces it. */
class FleetLock implements AsyncDisposable {
  readonly #fleet: Fleet;
  readonly #context: LockWork;
  #session: ChildProcessWithoutNullStreams | undefined;
  #isDone = false;

  constructor(fleet: Fleet, context: LockWork) {
    this.#fleet = fleet;
    this.#context = context;
  }

  /** Resolves once the lock is held or no manager answers; to whether it had to wait. Rejects with the signal's reason when it aborts. */
  async acquire(): Promise<boolean> {
    const { say, signal } = this.#context;
    const wait = new LockWait(say);
    await this.#holdByAny(wait, signal);
    // A session that the abort ended is no manager without an answer.
    signal.throwIfAborted();
    return wait.hasWaited;
  }

  async #holdByAny(wait: LockWait, signal?: AbortSignal): Promise<void> {
    for (const host of managersOf(this.#fleet.config.hosts)) {
      if (signal?.aborted || (await this.#hold(host, wait, signal))) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDone = true;
    const session = this.#session;
    if (!session || session.exitCode !== null) return;
    const ended = once(session, "exit").catch(() => {});
    session.stdin.end();
    await Promise.race([ended, delay(RELEASE_MS, undefined, { ref: false })]);
  }

  /** Resolves to true once the lock is held through this host, to false if that fails or `signal` aborts. */
  async #hold(host: Host, wait: LockWait, signal: AbortSignal | undefined): Promise<boolean> {
    // Ctrl-C must not end the session before the engine has saved the state.
    const session = startShell(this.#fleet, host);
    this.#session = session;
    session.stdin.write(holdLockScript(lockOwner()));
    const heartbeat = setInterval(() => session.stdin.write("\n"), HEARTBEAT_SECONDS * 1_000);
    session.once("exit", () => clearInterval(heartbeat)).on("error", () => {});
    try {
      const isHeld = await this.#untilTaken(session, wait, signal);
      if (isHeld) session.once("exit", () => void this.#renew());
      return isHeld;
    } finally {
      session.stdout.resume();
    }
  }

  async #untilTaken({ stdout }: ChildProcessWithoutNullStreams, wait: LockWait, signal: AbortSignal | undefined): Promise<boolean> {
    for await (const line of createInterface({ input: stdout, ...(signal && { signal }) })) {
      if (line === "taken") return true;
      wait.show(line);
    }
    return false;
  }

  async #renew(): Promise<void> {
    if (this.#isDone) return;
    this.#context.say("the connection that held the fleet's lock ended; reacquiring the lock");
    await delay(RETRY_MS, undefined, { ref: false });
    // Also while an interrupted engine ends.
    if (!this.#isDone) await this.#holdByAny(new LockWait(this.#context.say)).catch(() => {});
  }
}

/** Prints the lock's holder, immediately and every ten seconds. */
class LockWait {
  readonly #say: (line: string) => void;
  readonly #began = performance.now();
  #saidAt: number | undefined;
  hasWaited = false;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** @throws FleetLockedError after half an hour. */
  show(line: string): void {
    const [, state, holder = ""] = /^(held|dead) (.*)$/.exec(line) ?? [];
    if (state === "dead") this.#say(`the fleet's lock was held by ${holder}, which has ended; taking over the lock`);
    if (state !== "held") return;
    this.hasWaited = true;
    const now = performance.now();
    if (now - this.#began > MAX_WAIT_MS) throw new FleetLockedError(holder, MAX_WAIT_MS / 60_000);
    if (this.#saidAt !== undefined && now - this.#saidAt < SAY_AGAIN_MS) return;
    this.#saidAt = now;
    this.#say(`waiting for ${holder}, which holds the fleet's lock (${Math.round((now - this.#began) / 1_000)} s)`);
  }
}

/** Who may run a step of the debugger now: a few at a time, a few a user, the others in turn. */
import { setTimeout as delay } from "node:timers/promises";
import { DEBUG_WAIT_MS } from "../core/protocol/debug-step.ts";
import { DebuggerBusyError } from "./errors.ts";

/** An answer may take 10 MiB of memory, and a step a processor's child. */
const MAX_RUNNING = 4;
/** So that slow pages of one user leave places to others. */
const MAX_RUNNING_OF_USER = 2;
/** Each holds a compiled script of up to 4 MiB until it may run. */
const MAX_WAITING = 24;

interface Waiter {
  user: string;
  start: () => void;
}

export class StepPlaces {
  readonly #running: string[] = [];
  #waiting: Waiter[] = [];

  /**
   * Waits for a place.
   *
   * @param user of whom two steps run at a time.
   * @param signal ends the wait.
   * @returns releases the place; call it once.
   * @throws DebuggerBusyError if too many wait, or after DEBUG_WAIT_MS; an AbortError.
   */
  async take(user: string, signal: AbortSignal): Promise<() => void> {
    if (this.#waiting.length >= MAX_WAITING) throw new DebuggerBusyError(MAX_RUNNING);
    const { promise, resolve } = Promise.withResolvers<"started">();
    const waiter = { user, start: () => resolve("started") };
    this.#waiting.push(waiter);
    this.#startNext();
    const over = new AbortController();
    try {
      const late = delay(DEBUG_WAIT_MS, "late", { signal: AbortSignal.any([signal, over.signal]) });
      if ((await Promise.race([promise, late])) === "late") throw new DebuggerBusyError(MAX_RUNNING);
      return () => this.#release(user);
    } catch (error) {
      if (this.#waiting.includes(waiter)) this.#waiting = this.#waiting.filter((one) => one !== waiter);
      else this.#release(user);
      throw error;
    } finally {
      over.abort();
    }
  }

  #startNext(): void {
    while (this.#running.length < MAX_RUNNING) {
      const next = this.#waiting.find(({ user }) => this.#running.filter((one) => one === user).length < MAX_RUNNING_OF_USER);
      if (!next) return;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#running.push(next.user);
      next.start();
    }
  }

  #release(user: string): void {
    this.#running.splice(this.#running.indexOf(user), 1);
    this.#startNext();
  }
}

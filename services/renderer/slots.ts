/** A number of slots, and a bounded queue of callers that wait for one. */
export class Slots {
  readonly #count: number;
  readonly #maxWaiting: number;
  #taken = 0;
  readonly #line: (() => void)[] = [];

  constructor(count: number, maxWaiting: number) {
    this.#count = count;
    this.#maxWaiting = maxWaiting;
  }

  get takenCount(): number {
    return this.#taken;
  }

  get waitingCount(): number {
    return this.#line.length;
  }

  /** Takes a slot, first come, first served. False: the queue is full, `waitMs` has passed, or `signal` has aborted. */
  async take(waitMs: number, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return false;
    if (this.#taken < this.#count) {
      this.#taken++;
      return true;
    }
    if (this.#line.length >= this.#maxWaiting) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const enter = () => resolve(true);
    this.#line.push(enter);
    const leave = () => {
      const at = this.#line.indexOf(enter);
      if (at !== -1) this.#line.splice(at, 1);
      resolve(false);
    };
    const timer = setTimeout(leave, waitMs);
    signal?.addEventListener("abort", leave, { once: true });
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", leave);
    });
  }

  /** Passes a slot to the next caller in the queue. */
  free(): void {
    const next = this.#line.shift();
    if (next) next();
    else this.#taken--;
  }
}

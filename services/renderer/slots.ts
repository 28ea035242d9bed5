export interface SlotWait {
  /** Milliseconds in the queue. */
  waitMs: number;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
  /** Enters at the head of the queue, even if that is full. */
  isFirst?: boolean;
}

/** A number of slots, and a bounded queue of callers that wait for one. */
export class Slots {
  readonly #maxWaiting: number;
  #count: number;
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

  /** From now on there are `count` slots; those that are taken beyond it end by themselves. */
  resize(count: number): void {
    this.#count = count;
    this.#serve();
  }

  /** Takes a slot, first come, first served. False: the queue is full, `waitMs` has passed, or `signal` has aborted. */
  async take({ waitMs, signal, isFirst = false }: SlotWait): Promise<boolean> {
    if (signal?.aborted) return false;
    if (this.#taken < this.#count) {
      this.#taken++;
      return true;
    }
    if (this.#line.length >= this.#maxWaiting && !isFirst) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const enter = () => resolve(true);
    if (isFirst) this.#line.unshift(enter);
    else this.#line.push(enter);
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
    this.#taken--;
    this.#serve();
  }

  #serve(): void {
    while (this.#taken < this.#count && this.#line.length > 0) {
      this.#taken++;
      this.#line.shift()?.();
    }
  }
}

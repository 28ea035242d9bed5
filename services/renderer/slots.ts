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

  get waitingCount(): number {
    return this.#line.length;
  }

  /** Takes a slot, first come, first served. False: the queue is full, or `waitMs` has passed. */
  async take(waitMs: number): Promise<boolean> {
    if (this.#taken < this.#count) {
      this.#taken++;
      return true;
    }
    if (this.#line.length >= this.#maxWaiting) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const enter = () => resolve(true);
    this.#line.push(enter);
    const timer = setTimeout(() => {
      this.#line.splice(this.#line.indexOf(enter), 1);
      resolve(false);
    }, waitMs);
    return promise.finally(() => clearTimeout(timer));
  }

  /** Passes a slot to the next caller in the queue. */
  free(): void {
    const next = this.#line.shift();
    if (next) next();
    else this.#taken--;
  }
}

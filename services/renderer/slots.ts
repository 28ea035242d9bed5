/** A number of places, and a line of bounded length for those who wait for one. */
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

  /** Takes a place, first come, first served. False: the line is full, or `waitMs` went by. */
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

  /** Gives a place to the next in line. */
  free(): void {
    const next = this.#line.shift();
    if (next) next();
    else this.#taken--;
  }
}

/** First in, first out. Adding and removing take constant time on average, at any length. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Removes and returns the oldest, at most `max` of them. */
  shift(max: number): T[] {
    const taken = this.#items.slice(this.#head, this.#head + max);
    this.#head += taken.length;
    this.#forgetTaken();
    return taken;
  }

  #forgetTaken(): void {
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      // Copies at most as many items as were taken since the last copy.
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** Pages in a row without trouble, after which one more is rendered at a time. A try that fails renders pages twice, so it is rare. */
const PAGES_A_TRY = 20;

/** How many pages at a time the memory allows: half as many when Chromium had to end under them, one more after some that went well. */
export class TabAllowance {
  readonly #max: number;
  #count: number;
  #rendered = 0;

  /** @param max at least 1. */
  constructor(max: number) {
    this.#max = max;
    this.#count = max;
  }

  /** Chromium ended for its memory under `pages` pages, each of which may report it. Returns the new number, at least 1. */
  shrink(pages: number): number {
    this.#count = Math.min(this.#count, Math.max(1, Math.floor(pages / 2)));
    this.#rendered = 0;
    return this.#count;
  }

  /** A page was rendered. Returns the new number, at most `max`. */
  grow(): number {
    if (this.#count < this.#max && ++this.#rendered >= PAGES_A_TRY) {
      this.#count++;
      this.#rendered = 0;
    }
    return this.#count;
  }
}

import type { FetchOrder } from "../core/protocol/messages.ts";

/** How many pages may still be fetched, over all projects and terms of one process. */
export class PageBudget {
  #left: number;

  /** @param pages a whole number from 0; Infinity: no limit. */
  constructor(pages: number) {
    this.#left = pages;
  }

  /** From 0 to the number of pages at the beginning. */
  get left(): number {
    return this.#left;
  }

  /** Counts orders whose tasks are in flight. Nothing is fetched for `data:` URLs. */
  spend(orders: readonly Pick<FetchOrder, "url">[]): void {
    const pages = orders.filter(({ url }) => !url.startsWith("data:")).length;
    this.#left = Math.max(0, this.#left - pages);
  }
}

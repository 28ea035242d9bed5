import { unpackPage } from "../core/protocol/kept-page.ts";
import type { Page } from "../core/protocol/messages.ts";
import type { BudgetLease } from "./body-budget.ts";
import { KeptPageError } from "./errors.ts";
import { failedPage } from "./fetch-page.ts";

/** A kept page in place of a fetch; `timeMs` is the time of reading it. Never rejects: a damaged one becomes a page with status 599. */
export async function openKeptPage(url: string, packed: string, budgetLease: BudgetLease): Promise<Page> {
  const start = performance.now();
  try {
    const page = await unpackPage(packed);
    await budgetLease.take(page.content.byteLength);
    return { ...page, timeMs: performance.now() - start };
  } catch (error) {
    return failedPage(url, new KeptPageError(url, error), performance.now() - start);
  }
}

import { createAddressGuard } from "../core/address-guard.ts";
import { collectGarbageEarly } from "../core/garbage.ts";
import type { Page } from "../core/messages.ts";
import { openAgents } from "./agents.ts";
import { type Allowance, BodyBudget } from "./body-budget.ts";
import { fetchPage } from "./fetch-page.ts";
import type { FetchRequest } from "./fetch-request.ts";
import { RobotsCache } from "./robots-cache.ts";
import type { FetcherSettings } from "./settings.ts";

/** What the queue and `POST /fetch` share: connections, what sites say in robots.txt, and the budget of bodies. Disposing breaks what is under way. */
export interface Fetcher extends AsyncDisposable {
  /** Charged with the page's body; release it once the page is handed on. */
  openAllowance(): Allowance;
  /** Never rejects, see `fetchPage`. */
  fetch(request: FetchRequest, allowance: Allowance): Promise<Page>;
}

/**
 * @param isAlone whether the process does nothing else: it then keeps its memory small.
 * @throws BadInputError if `settings.allowAddresses` holds something that is no range.
 */
export function createFetcher(settings: FetcherSettings, { isAlone = false }: { isAlone?: boolean } = {}): Fetcher {
  const agents = openAgents(createAddressGuard(settings.allowAddresses));
  const robots = new RobotsCache();
  const budget = new BodyBudget(settings.bodyBudgetBytes, isAlone ? { onGarbage: collectGarbageEarly() } : {});
  return {
    openAllowance: () => budget.open(),
    fetch: (request, allowance) => fetchPage(request, { agents, robots, settings, budget, allowance }),
    [Symbol.asyncDispose]: () => agents[Symbol.asyncDispose](),
  };
}

import { createAddressGuard } from "../core/net/address-guard.ts";
import type { Page } from "../core/protocol/messages.ts";
import { createGcTrigger } from "../core/runtime/garbage.ts";
import { openAgents } from "./agents.ts";
import { BodyBudget, type BudgetLease } from "./body-budget.ts";
import { fetchPage } from "./fetch-page.ts";
import type { FetchRequest } from "./fetch-request.ts";
import { RobotsCache } from "./robots-cache.ts";
import type { FetcherSettings } from "./settings.ts";

/** The resources that the queue and `POST /fetch` share: connections, robots.txt rules, and the budget of bodies. Disposing aborts running requests. */
export interface Fetcher extends AsyncDisposable {
  /** Charged with the page's body; release it once the page is passed on. */
  openBudgetLease(): BudgetLease;
  /** Never rejects, see `fetchPage`. */
  fetch(request: FetchRequest, budgetLease: BudgetLease): Promise<Page>;
}

/**
 * @param isAlone whether the process has no other role: it then keeps its memory small.
 * @throws BadInputError if `settings.allowAddresses` contains an invalid range.
 */
export function createFetcher(settings: FetcherSettings, { isAlone = false }: { isAlone?: boolean } = {}): Fetcher {
  const agents = openAgents(createAddressGuard(settings.allowAddresses));
  const robots = new RobotsCache();
  const budget = new BodyBudget(settings.bodyBudgetBytes, isAlone ? { onGarbage: createGcTrigger() } : {});
  return {
    openBudgetLease: () => budget.open(),
    fetch: (request, budgetLease) => fetchPage(request, { agents, robots, settings, budget, budgetLease }),
    [Symbol.asyncDispose]: () => agents[Symbol.asyncDispose](),
  };
}

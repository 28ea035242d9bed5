import type { FetchOrder } from "../core/protocol/messages.ts";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import type { Agents } from "./agents.ts";
import type { BodyBudget, BudgetLease } from "./body-budget.ts";
import type { RobotsCache } from "./robots-cache.ts";
import type { FetcherSettings } from "./settings.ts";

/** The part of an order that defines the fetch. */
export type FetchRequest = Pick<FetchOrder, "url" | "fetch" | "validators"> & Partial<Pick<FetchOrder, "project">>;

export interface FetchContext {
  agents: Agents;
  robots: RobotsCache;
  settings: FetcherSettings;
  budget: BodyBudget;
  /** Bodies are charged to it until the caller releases it. */
  budgetLease: BudgetLease;
}

/** A timeout of a task in milliseconds; `seconds`: the task's option. */
export const taskTimeoutMs = (seconds: number | undefined, defaultMs: number): number =>
  seconds === undefined ? defaultMs : Math.min(TIME_LIMITS.longestFetchMs, seconds * 1_000);

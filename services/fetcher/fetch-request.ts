import type { FetchOrder } from "../core/messages.ts";
import { TIME_LIMITS } from "../core/time-limits.ts";
import type { Agents } from "./agents.ts";
import type { Allowance, BodyBudget } from "./body-budget.ts";
import type { RobotsCache } from "./robots-cache.ts";
import type { FetcherSettings } from "./settings.ts";

/** The part of an order that says what to fetch. */
export type FetchRequest = Pick<FetchOrder, "url" | "fetch" | "validators">;

export interface FetchContext {
  agents: Agents;
  robots: RobotsCache;
  settings: FetcherSettings;
  budget: BodyBudget;
  /** Bodies are charged to it until the caller releases it. */
  allowance: Allowance;
}

/** A time-out of a task in milliseconds; `seconds`: what the task asks for. */
export const taskTimeoutMs = (seconds: number | undefined, defaultMs: number): number =>
  seconds === undefined ? defaultMs : Math.min(TIME_LIMITS.longestFetchMs, seconds * 1_000);

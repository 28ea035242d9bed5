/** A step of the debugger: one task, run by the same roles as the crawl, of which nothing is stored. */
import { MIB } from "./byte-units.ts";
import type { Outcome, Page } from "./messages.ts";
import { TIME_LIMITS } from "./time-limits.ts";

/** What a step's run did. */
export interface DebugAnswer extends Pick<Outcome, "process" | "results" | "follows" | "messages" | "stored" | "info"> {
  /** With the first DEBUG_CONTENT_BYTES of its content. */
  page: Page;
  /** Of the whole content. */
  bytes: number;
}

/** Enough to see a page; the largest pages are data. */
export const DEBUG_CONTENT_BYTES = MIB;
/** An answer is removed after this time. */
export const DEBUG_ANSWER_MS = 60_000;

const { connectMs, fetchMs, renderAnswerExtraMs, processMs } = TIME_LIMITS;
/** The maximum work of a step: one fetch, one callback. */
export const DEBUG_STEP_MS = connectMs + fetchMs + renderAnswerExtraMs + processMs;
/** How long a step may wait until it may run. */
export const DEBUG_WAIT_MS = 20_000;
/** Balancer and edge wait for longer. */
export const DEBUG_REQUEST_MS = DEBUG_WAIT_MS + DEBUG_STEP_MS;

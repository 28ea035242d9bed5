/** A step of the debugger: one task, run by the same roles as the crawl, of which nothing is stored. */
import { MIB } from "./byte-units.ts";
import type { Outcome, Page } from "./messages.ts";

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

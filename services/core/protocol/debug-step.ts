/** A step of the debugger: one task, run by the same roles as the crawl, of which nothing is stored. */
import { MIB } from "./byte-units.ts";
import type { Outcome, Page } from "./messages.ts";

/** The part of an order that makes it a step. */
export interface DebugStep {
  /** The id under which the processor leaves the answer. */
  id: string;
  /** The compiled script, because it is not saved. */
  compiled: string;
}

/** What a step's run did. */
export interface DebugAnswer extends Pick<Outcome, "process" | "results" | "follows" | "messages" | "stored" | "info"> {
  /** With the first DEBUG_CONTENT_BYTES of its content. */
  page: Page;
  /** Of the whole content. */
  bytes: number;
}

/** Enough to see a page; the largest pages are data. */
export const DEBUG_CONTENT_BYTES = MIB;
/** An answer that nobody fetches is removed after this time. */
export const DEBUG_ANSWER_MS = 60_000;

import { within } from "../core/within.ts";
import { FetchTimeoutError } from "./errors.ts";

export interface PageTime {
  url: string;
  /** The moment (`performance.now()`) by which the page has to be complete, and the length of that wait for the message. */
  deadline: number;
  limitMs: number;
  /** Of its body, so far. */
  receivedBytes: number;
}

/** Waits no longer than the page may take. Rejects with FetchTimeoutError after that. */
export const inTime = <T>(work: Promise<T>, { deadline, ...page }: PageTime): Promise<T> =>
  within(work, deadline - performance.now(), () => new FetchTimeoutError({ ...page, phase: "answer" }));

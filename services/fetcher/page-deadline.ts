import { withTimeout } from "../core/runtime/with-timeout.ts";
import { FetchTimeoutError } from "./errors.ts";

export interface PageTime {
  url: string;
  /** The deadline (`performance.now()`) for the complete page, and the length of that wait for the message. */
  deadline: number;
  limitMs: number;
  /** Bytes of its body so far. */
  receivedBytes: number;
}

/** Waits at most until the page's deadline. Rejects with FetchTimeoutError afterwards. */
export const withPageDeadline = <T>(work: Promise<T>, { deadline, ...page }: PageTime): Promise<T> =>
  withTimeout(work, deadline - performance.now(), () => new FetchTimeoutError({ ...page, phase: "answer" }));

/** How long a host that refuses the crawl is left alone: the delay between its pages doubles with each refusal, and shrinks with each answer. */
export interface HostBackoff {
  /** Seconds between two pages of the host; 0: none. */
  seconds: number;
  /** Unix seconds of the last refusal that counted. Pages that were dispatched before it say nothing new. */
  since: number;
  /** Pages with status 503 since the last answer. */
  unavailable: number;
}

export const NO_BACKOFF: HostBackoff = { seconds: 0, since: 0, unavailable: 0 };
const FIRST_SECONDS = 1;
/** As a paused project is left alone. */
export const MAX_BACKOFF_SECONDS = 300;
/** From 1 s, some thirty answers lead back to full speed: a limit of a few pages a second is found within one. */
const RECOVERY = 0.9;
const LEAST_SECONDS = 0.05;
/** One page with status 503 may be an accident; so many in a row are the host. */
const UNAVAILABLE_IN_ROW = 3;

/**
 * The back-off after the host has refused a page.
 *
 * @param page `isCertain`: the page says that the crawl is refused; otherwise it only has status 503. `since`: unix seconds of its dispatch.
 * @param now unix seconds.
 */
export function afterRefusal(before: HostBackoff, { isCertain, since }: { isCertain: boolean; since: number }, now: number): HostBackoff {
  const unavailable = before.unavailable + 1;
  const isRefused = isCertain || before.seconds > 0 || unavailable >= UNAVAILABLE_IN_ROW;
  if (!isRefused || since < before.since) return { ...before, unavailable };
  return { seconds: Math.min(MAX_BACKOFF_SECONDS, Math.max(FIRST_SECONDS, before.seconds * 2)), since: now, unavailable };
}

/** The back-off after an answer of the host. */
export function afterAnswer({ seconds, since }: HostBackoff): HostBackoff {
  const less = seconds * RECOVERY;
  return { seconds: less < LEAST_SECONDS ? 0 : less, since, unavailable: 0 };
}

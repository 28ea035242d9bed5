/** What one run of a callback may ask for. The child keeps to it and its parent checks. */
export const RUN_LIMITS = {
  /** Far above a page's links; a flood of tasks from one page is a mistake. */
  follows: 10_000,
  messages: 1_000,
  rows: 10_000,
  /** Characters of a URL: what servers commonly accept (8 KiB). */
  urlLength: 8_192,
  /** Characters of an `itag`. */
  itagLength: 1_000,
  /** Delays in a `retryDelay`. */
  retryDelays: 100,
  /** A day: the longest `hostDelay`. */
  hostDelaySeconds: 86_400,
  /** Characters kept of what a script prints, the last ones. */
  logs: 10_000,
  /** Bytes of everything that one run gives back. It is in a result-worker's memory a dozen times while it is stored. */
  answerBytes: 8 * 1_024 * 1_024,
  /** Characters of JSON of one task, one message or `this.save`: hundreds of tasks are in the memory of a scheduler or fetcher at a time. */
  taskLength: 65_536,
  /** Levels of nesting in any JSON value, so that no recursion anywhere runs out of stack. */
  jsonDepth: 200,
} as const;

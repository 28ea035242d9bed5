import { MIB } from "../core/protocol/byte-units.ts";
/** The limits of one run of a callback. The child keeps them and its parent checks. */
export const RUN_LIMITS = {
  messages: 1_000,
  rows: 10_000,
  /** Characters of a URL: the common limit of servers (8 KiB). */
  urlLength: 8_192,
  /** Characters of an `itag`. */
  itagLength: 1_000,
  /** Delays in a `retryDelay`. */
  retryDelays: 100,
  /** A day: the longest `hostDelay`. */
  hostDelaySeconds: 86_400,
  /** Maximum characters kept of a script's output, the last ones. */
  logs: 10_000,
  /** Bytes of the whole output of one run. It is in a result-worker's memory a dozen times while it is stored. */
  answerBytes: 8 * MIB,
  /** Characters of JSON of one task, one message or `this.save`: hundreds of tasks are in the memory of a scheduler or fetcher at the same time. */
  taskLength: 65_536,
} as const;

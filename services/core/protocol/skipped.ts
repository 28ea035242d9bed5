import type { FetchOptions } from "./fetch-options.ts";

/**
 * Why a link that a script passed to `crawl()` became no task: an option of `crawlConfig`, a limit of one run, or a task with the same id that has
 * another callback or `fetchType`.
 */
export const SKIP_REASONS = [
  "limit",
  "allowedDomains",
  "maxDepth",
  "maxPages",
  "include",
  "exclude",
  "otherCallback",
  "otherFetchType",
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** The number of links skipped, by reason. Reasons without a link are absent. */
export type Skipped = Partial<Record<SkipReason, number>>;

/** `{ maxDepth: 2, exclude: 1 }` -> `"maxDepth 2, exclude 1"` */
export const describeSkipped = (skipped: Skipped): string =>
  Object.entries(skipped)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(", ");

/** What decides whether two requests with one id ask for the same. */
interface Wanted {
  callback: string;
  /** Absent: the project's. */
  fetchType?: FetchOptions["fetchType"] | null;
}

/**
 * Why a request for an existing task is dropped, if it asks for something else than that task; undefined if it asks for the same.
 *
 * @param usual the `fetchType` of the project's `crawlConfig`.
 */
export function differenceOf(wanted: Wanted, known: Wanted, usual: FetchOptions["fetchType"]): SkipReason | undefined {
  if (wanted.callback !== known.callback) return "otherCallback";
  const typeOf = ({ fetchType }: Wanted) => fetchType ?? usual ?? "http";
  return typeOf(wanted) === typeOf(known) ? undefined : "otherFetchType";
}

/** Why a link that a script passed to `crawl()` became no task: an option of `crawlConfig`, or a limit of one run. */
export const SKIP_REASONS = ["limit", "allowedDomains", "maxDepth", "maxPages", "include", "exclude"] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** The number of links skipped, by reason. Reasons without a link are absent. */
export type Skipped = Partial<Record<SkipReason, number>>;

/** `{ maxDepth: 2, exclude: 1 }` -> `"maxDepth 2, exclude 1"` */
export const describeSkipped = (skipped: Skipped): string =>
  Object.entries(skipped)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(", ");

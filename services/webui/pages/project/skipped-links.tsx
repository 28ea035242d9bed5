import { formatCount } from "../shell/amounts.ts";

/** What each reason means for the author of a script. */
const REASONS: Record<string, string> = {
  limit: "beyond the limit of one page",
  allowedDomains: "outside of allowedDomains",
  maxDepth: "deeper than maxDepth",
  maxPages: "beyond maxPages",
  include: "not in include",
  exclude: "in exclude",
  otherCallback: "known with another callback",
  otherFetchType: "known with another fetchType",
};

/** How many links of the project's pages became no tasks, by reason; nothing if all did. */
export function SkippedLinks({ skipped }: { skipped: Record<string, number> }) {
  const reasons = Object.entries(skipped).filter(([, count]) => count > 0);
  if (reasons.length === 0) return null;
  return (
    <p className="skipped-links muted">
      Links skipped: {reasons.map(([reason, count]) => `${formatCount(count)} ${REASONS[reason] ?? reason}`).join(", ")}.
    </p>
  );
}

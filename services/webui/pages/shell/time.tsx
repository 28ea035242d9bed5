import { formatDistance } from "./amounts.ts";
import { useNow } from "./use-now.ts";

/** A time as its distance from now; hovering shows the date. `at` in unix seconds. */
export function Time({ at }: { at: number }) {
  const now = useNow();
  const date = new Date(at * 1_000);
  // A script may set a time outside the calendar's range.
  if (Number.isNaN(date.getTime())) return <>{at < 0 ? "long ago" : "never"}</>;
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {formatDistance(at, now)}
    </time>
  );
}

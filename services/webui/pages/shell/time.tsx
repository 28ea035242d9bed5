import { formatDistance } from "./amounts.ts";

/** A moment, as how long ago it was; pointing at it shows the date. `at` in unix seconds. */
export function Time({ at }: { at: number }) {
  const date = new Date(at * 1_000);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {formatDistance(at, Date.now() / 1_000)}
    </time>
  );
}

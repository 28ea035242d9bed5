/** The numbers of the charts. Pure: tests run them without a browser. */
import type { Activity } from "../api/types.ts";
import { formatCount } from "../shell/amounts.ts";

/** When each step begins, in unix seconds. */
export const timesOf = ({ from, seconds, success }: Pick<Activity, "from" | "seconds" | "success">): number[] =>
  success.map((_, step) => from + step * seconds);

/** Events a step as events a minute, to a tenth. */
export const perMinute = (counts: readonly number[], seconds: number): number[] =>
  counts.map((count) => Math.round(((count * 60) / seconds) * 10) / 10);

/** The last value in words; `–` without one. */
export function lastOf(values: readonly (number | null)[] | undefined): string {
  const last = values?.at(-1);
  return last === undefined || last === null ? "–" : formatCount(last);
}

/** The places of values without a neighbour. */
export const lonePoints = (values: ArrayLike<number | null | undefined>): number[] =>
  Array.from(values, (value, at) => (value != null && values[at - 1] == null && values[at + 1] == null ? at : -1)).filter((at) => at >= 0);

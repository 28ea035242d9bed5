/**
 * Seconds, or a number with its unit: "90s", "5m", "12h", "10d".
 *
 * Not a template type: `crawlConfig = { age: "1d" }` is inferred as string before it is compared.
 */
export type Duration = number | string;

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
type Unit = keyof typeof UNIT_SECONDS;

/**
 * `90`, `"90s"`, `"1.5h"`, `"10d"` -> seconds.
 *
 * @returns undefined for anything else: other units, a text without unit, negative or endless numbers.
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === "number") return value >= 0 && value < Infinity ? value : undefined;
  const [, amount, unit] = (typeof value === "string" && /^(\d+(?:\.\d+)?)([smhd])$/.exec(value)) || [];
  const seconds = Number(amount) * UNIT_SECONDS[unit as Unit];
  return seconds < Infinity ? seconds : undefined;
}

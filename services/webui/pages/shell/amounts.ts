/** The formats of numbers and times. Pure, in English, the same everywhere. */

const WHOLE = new Intl.NumberFormat("en");
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** `12,345` */
export const formatCount = (count: number): string => WHOLE.format(count);

/** `12.3K`: for narrow places; up to 9,999 as it is. */
export const formatShortCount = (count: number): string => (count < 10_000 ? WHOLE.format(count) : COMPACT.format(count));

/** `8.4 ms`, `120 ms`, `2.5 s` */
export function formatMs(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${ms >= 10 || ms === 0 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

/** `980 B`, `12.3 KiB` */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

const STEPS: [seconds: number, unit: string][] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];

/** `120 ms`, `3 s`, `2 h`: in the largest unit that fits. */
export function formatAge(ms: number): string {
  const age = ms / 1_000;
  const [seconds, unit] = STEPS.find(([step]) => age >= step) ?? [];
  return seconds === undefined ? formatMs(ms) : `${Math.floor(age / seconds)} ${unit}`;
}

/** `3 min ago`, `in 2 h`, `now`; both in unix seconds. */
export function formatDistance(time: number, now: number): string {
  const distance = Math.abs(now - time);
  if (distance < 1) return "now";
  const age = formatAge(distance * 1_000);
  return time > now ? `in ${age}` : `${age} ago`;
}

/** One sample of a measure: numbers by name, each with its unit in it (`pagesPerSecond`, `cpuSecondsPer1000Pages`). */
export type Figures = Record<string, number>;

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The middle one; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** Median, least and most of each figure. */
export function spreads(samples: Figures[]): Record<string, Spread> {
  const names = Object.keys(samples[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, spreadOf(samples.map((figures) => figures[name] ?? NaN))]));
}

/** What divides two measures whose samples were taken in turns: the median of the quotients, not the quotient of the medians. */
export function ratios(ours: Figures[], theirs: Figures[], names: string[]): Record<string, Spread> {
  const quotients = (name: string) =>
    ours.slice(0, theirs.length).map((figures, turn) => (figures[name] ?? NaN) / (theirs[turn]?.[name] ?? NaN));
  return Object.fromEntries(names.map((name) => [name, spreadOf(quotients(name))]));
}

function spreadOf(values: number[]): Spread {
  return { median: round(median(values)), min: round(Math.min(...values)), max: round(Math.max(...values)) };
}

/** To three significant digits, because repeated runs differ in the others. */
const round = (value: number) => Number(value.toPrecision(3));

/** The straight line of least squares through samples, and how well its slope is known. */
export interface LinearFit {
  /** Of y for each step of x. */
  slope: number;
  /** Standard error of the slope: with as much noise, 95 % of repetitions stay within about two of them. */
  error: number;
}

/**
 * @param samples pairs of x and y, with at least three different x.
 * @throws RangeError for fewer than three samples: they show no noise.
 */
export function linearFit(samples: [x: number, y: number][]): LinearFit {
  if (samples.length < 3) throw new RangeError(`a slope with its error needs 3 samples, got ${samples.length}`);
  const meanX = mean(samples.map(([x]) => x));
  const meanY = mean(samples.map(([, y]) => y));
  const spread = sum(samples.map(([x]) => (x - meanX) ** 2));
  const slope = sum(samples.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
  const rest = sum(samples.map(([x, y]) => (y - meanY - slope * (x - meanX)) ** 2));
  return { slope, error: Math.sqrt(rest / (samples.length - 2) / spread) };
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: number[]) => sum(values) / values.length;

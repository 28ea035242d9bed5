/** From the words of the provider's inputs to those of Docker's API. */

const UNITS_NS: Record<string, number> = { ms: 1e6, s: 1e9, m: 60e9, h: 3_600e9 };

/** `1m30s` in nanoseconds; undefined stays so. */
export function nanoseconds(text: unknown): number | undefined {
  if (text === undefined || text === null) return undefined;
  const parts = [...String(text).matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 && text !== "0") throw new Error(`${JSON.stringify(text)} is no duration`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_NS[unit ?? ""] ?? 0), 0);
}

interface Healthcheck {
  tests: string[];
  interval?: string;
  timeout?: string;
  startPeriod?: string;
  retries?: number;
}

export const healthcheckOf = (check: unknown): object | undefined => {
  if (!check) return undefined;
  const { tests, interval, timeout, startPeriod, retries } = check as Healthcheck;
  return {
    Test: tests,
    Interval: nanoseconds(interval),
    Timeout: nanoseconds(timeout),
    StartPeriod: nanoseconds(startPeriod),
    Retries: retries,
  };
};

import { MIB } from "../../../services/core/protocol/byte-units.ts";

const NANOSECONDS: Record<string, number> = { ms: 1e6, s: 1e9, m: 60e9, h: 3_600e9 };

/** `1m30s` -> 90,000,000,000: Go's durations as Docker's API takes them. */
export function nanoseconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== duration)
    throw new RangeError(`${duration} is not a duration such as 30s`);
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (NANOSECONDS[unit] ?? 0), 0);
}

export const bytesOfMiB = (mebibytes: number): number => mebibytes * MIB;
export const mebibytesOf = (bytes: number): number => bytes / MIB;

interface Healthcheck {
  tests: string[];
  interval?: string;
  timeout?: string;
  retries?: number;
  startPeriod?: string;
}

/** A health check of a container or a service, as the API has it. */
export const toHealthcheck = ({ tests, interval = "0s", timeout = "0s", retries = 0, startPeriod = "0s" }: Healthcheck) => ({
  Test: tests,
  Interval: nanoseconds(interval),
  Timeout: nanoseconds(timeout),
  Retries: retries,
  StartPeriod: nanoseconds(startPeriod),
});

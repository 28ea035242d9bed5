import { join } from "node:path";
import { cronProblem, lastCronTime, nextCronTime } from "../../services/core/protocol/cron.ts";
import { expect } from "./expect.ts";
import { NotOurs } from "./recorder.ts";
import { runTestFile } from "./run-javascript.ts";
import type { Suite } from "./suite.ts";

const notOurs = (): never => {
  throw new NotOurs();
};

/** A time as cron-parser's tests read it, in a time zone. */
class Day {
  /** May have a fraction. */
  readonly seconds: number;
  readonly timeZone: string;
  readonly #local: Temporal.ZonedDateTime;

  constructor(seconds: number, timeZone: string) {
    this.seconds = seconds;
    this.timeZone = timeZone;
    this.#local = Temporal.Instant.fromEpochMilliseconds(Math.floor(seconds * 1_000)).toZonedDateTimeISO(timeZone);
  }

  getFullYear = () => this.#local.year;
  getMonth = () => this.#local.month - 1;
  getDate = () => this.#local.day;
  getDay = () => this.#local.dayOfWeek % 7;
  getHours = () => this.#local.hour;
  getMinutes = () => this.#local.minute;
  getSeconds = () => this.#local.second;
  getTime = () => this.seconds * 1_000;
  toDate = () => new Date(this.seconds * 1_000);
  getUTCDate = () => this.toDate().getUTCDate();
  addMinute = notOurs;
  addYear = notOurs;
  toISOString = () => this.toDate().toISOString();
}

const HOME = process.env.TZ ?? "UTC";

/** What the tests write: `Date`, our Day, or a text, which without an offset is a local time. */
function secondsOf(given: unknown, timeZone: string): number {
  if (given instanceof Day) return given.seconds;
  if (given instanceof Date || typeof given === "number") return Number(given) / 1_000;
  const text = String(given);
  const [, day, time = "00:00:00"] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d+)?)?$/.exec(text) ?? [];
  const local = day === undefined ? undefined : Temporal.PlainDateTime.from(`${day}T${time}`);
  if (local) return local.toZonedDateTime(timeZone).epochMilliseconds / 1_000;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? notOurs() : parsed / 1_000;
}

interface Options {
  currentDate?: unknown;
  tz?: string;
}

const OURS = new Set(["currentDate", "tz", "endDate", "startDate"]);

function parse(expression: string, options: Options & Record<string, unknown> = {}) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  if (given.some(([name]) => !OURS.has(name)) || options.endDate !== undefined || options.startDate !== undefined) notOurs();
  const { currentDate } = options;
  const timeZone = options.tz ?? (currentDate instanceof Day ? currentDate.timeZone : HOME);
  const times = { expression: expression.trim().replace(/\s+/g, " "), timeZone };
  if (cronProblem(times) !== undefined) notOurs();
  let now = secondsOf(currentDate ?? new Date(), timeZone);
  const step = (found: number | undefined) => {
    now = found ?? notOurs();
    return new Day(now, timeZone);
  };
  const interval: Record<string, unknown> = {
    next: () => step(nextCronTime(times, now)),
    prev: () => step(lastCronTime(times, Math.ceil(now) - 1)),
    take: (count: number) =>
      Array.from({ length: Math.abs(count) }, () => step(count > 0 ? nextCronTime(times, now) : lastCronTime(times, Math.ceil(now) - 1))),
  };
  return new Proxy(interval, { get: (target, name) => target[String(name)] ?? notOurs() });
}

export const cron: Suite = {
  name: "cron-parser",
  repository: "harrisiirak/cron-parser",
  version: "03444a8",
  needs: "tests/CronExpressionParser.test.ts",
  run: (root) => {
    const CronExpressionParser = { parse };
    const CronDate = class extends Day {
      constructor(given: unknown = new Date(), timeZone = HOME) {
        super(secondsOf(given, timeZone), timeZone);
      }
    };
    return runTestFile(
      join(root, cron.needs),
      {
        "../src/CronFieldCollection": {},
        "../src/CronExpressionParser": { CronExpressionParser },
        "../src/CronExpression": { CronExpression: class {} },
        "../src/CronDate": { default: CronDate },
      },
      { expect: lenient, beforeEach: () => {} },
    );
  },
};

/** Errors and classes are not compared. */
const lenient = (actual: unknown) => {
  const known: Record<string, unknown> = { ...expect(actual), not: { toThrow: notOurs, toBeNull: () => {} } };
  return new Proxy(known, { get: (_, name) => known[String(name)] ?? notOurs });
};

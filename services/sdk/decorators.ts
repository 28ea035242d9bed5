import { type CronTimes, cronProblem } from "../core/protocol/cron.ts";
import { type CrawlConfig, parseCrawlOptions, type SortedOptions } from "./crawl-options.ts";
import { type Duration, parseDuration } from "./duration.ts";

// biome-ignore lint/suspicious/noExplicitAny: a callback declares the arguments it wants.
type Method = (...args: any[]) => unknown;
// biome-ignore lint/suspicious/noExplicitAny: any class.
type Context = ClassMethodDecoratorContext<any>;
type MethodDecorator = (method: Method, context: Context) => void;

const configs = new WeakMap<object, SortedOptions>();
const intervals = new WeakMap<object, number>();
const crons = new WeakMap<object, CronTimes[]>();
const catching = new WeakMap<object, true>();

/** Notes something of a method. Decorators above may return a wrapper, which is then the method that `crawl()` gets. */
function note<T>(notes: WeakMap<object, T>, value: T, method: Method, context: Context): void {
  notes.set(method, value);
  context.addInitializer(function (this: object) {
    const final: unknown = Reflect.get(this, context.name);
    const noted = notes.get(method);
    if (final !== method && typeof final === "function" && noted !== undefined) notes.set(final, noted);
  });
}

/** Defaults for every `crawl()` with this method as its callback. The call's own options take precedence. */
export function config(defaults: CrawlConfig): MethodDecorator {
  const sorted = parseCrawlOptions(defaults, "@config");
  return (method, context) => note(configs, sorted, method, context);
}

/** Parts of an interval, added up. */
export interface Interval {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

/**
 * Runs the method periodically, at multiples of the interval since 1970 (UTC). Default: every minute.
 *
 * @throws TypeError unless the interval is a whole number of seconds from 1.
 */
export function every(interval: Interval | Duration = 60): MethodDecorator {
  const seconds = typeof interval === "object" ? intervalSeconds(interval) : parseDuration(interval);
  if (!Number.isSafeInteger(seconds) || (seconds as number) < 1) {
    throw new TypeError(
      `@every takes { days, hours, minutes, seconds } or a text like "12h", at least one second in all, not ${JSON.stringify(interval)}`,
    );
  }
  return (method, context) => note(intervals, seconds as number, method, context);
}

function intervalSeconds(interval: Interval): number | undefined {
  const { days = 0, hours = 0, minutes = 0, seconds = 0, ...unknown } = interval;
  return Object.keys(unknown).length > 0 ? undefined : ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/**
 * Runs the method at times of day: `@cron("0 4 * * *", { timeZone: "Europe/Berlin" })`. May be given several times.
 *
 * A time that is skipped when clocks are put forward occurs at the end of the gap; one that is repeated when they are put back counts once.
 *
 * @param expression minute, hour, day of the month, month, weekday; a sixth field before them is seconds. Or "@daily" and the like.
 * @param options time zone by its IANA name; default UTC.
 * @throws TypeError for an expression that is invalid or never occurs, and for an unknown time zone.
 */
export function cron(expression: string, { timeZone = "UTC", ...unknown }: { timeZone?: string } = {}): MethodDecorator {
  const times = { expression: String(expression).trim().replace(/\s+/g, " "), timeZone };
  const [option] = Object.keys(unknown);
  const problem = option === undefined ? cronProblem(times) : `has no option ${option}`;
  if (problem) throw new TypeError(`@cron ${problem}`);
  return (method, context) => note(crons, [times, ...(crons.get(method) ?? [])], method, context);
}

/** The method also runs on error pages, failed fetches and 304; check `response.ok`, `statusCode` and `error`. With or without brackets. */
export function catchStatusCodeError(): MethodDecorator;
export function catchStatusCodeError(method: Method, context: Context): void;
export function catchStatusCodeError(...decorated: [] | [Method, Context]): MethodDecorator | undefined {
  const [method, context] = decorated;
  if (method === undefined || context === undefined) return catchStatusCodeError;
  note(catching, true, method, context);
  return undefined;
}

export const configOf = (method: object) => configs.get(method);
export const everySecondsOf = (method: object) => intervals.get(method);
export const cronTimesOf = (method: object) => crons.get(method) ?? [];
export const catchesStatusCodeError = (method: object) => catching.has(method);

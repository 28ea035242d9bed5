/** systemd's calendar expressions (systemd.time(7)), as far as a scheduled restart needs them. */

/** A restart renews all groups one replica at a time, which takes minutes: the next one must not start earlier. */
const MIN_GAP_MINUTES = 10;
const EXAMPLE = "such as hourly, daily, *:0/30 or Mon..Fri 04:00";
const GRAMMAR = `write never, or a calendar expression of systemd, ${EXAMPLE}`;
const MAX_LENGTH = 200;

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const SHORTHANDS = ["hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "yearly", "annually"];
const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MINUTES_OF_DAY = 1_440;

/** The range of each part. systemd counts days back from a month's end only as far as the shortest month allows. */
const BOUNDS = {
  month: [1, 12],
  day: [1, 31],
  dayFromEnd: [1, 28],
  hour: [0, 23],
  minute: [0, 59],
  second: [0, 59],
} as const;

/**
 * The problem of a calendar expression with its remedy; undefined if systemd accepts it as a timer's `OnCalendar=`.
 *
 * Refused although systemd accepts it: more than one restart in 10 minutes, dates that never occur or that have a year, lists of days from the
 * end of a month, time zones other than UTC (a host may lack their data), fractions of seconds, and `@` with a Unix time.
 */
export function calendarProblem(text: string): string | undefined {
  const expression = text.toLowerCase().replace(/ utc$/, "");
  if (text.length > MAX_LENGTH || !/^[a-z\d*]/.test(expression)) return GRAMMAR;
  if (SHORTHANDS.includes(expression)) return undefined;
  if (expression === "minutely") return tooOften(1);
  const { weekdays, date, time } = splitParts(expression);
  if (weekdays === undefined && date === undefined && time === undefined) return GRAMMAR;
  if (weekdays !== undefined && !areWeekdays(weekdays)) return GRAMMAR;
  return dateProblem(date ?? "*-*-*") ?? timeProblem(time ?? "00:00");
}

const tooOften = (minutes: number) =>
  `it starts every ${minutes === 1 ? "minute" : `${minutes} minutes`}, and a restart of all groups takes longer: leave ${MIN_GAP_MINUTES} minutes or more, ${EXAMPLE}`;

interface Parts {
  weekdays?: string | undefined;
  date?: string | undefined;
  time?: string | undefined;
}

/** By position; all are undefined where something is left over. */
function splitParts(expression: string): Parts {
  const words = expression.split(/ +/);
  const take = (pattern: RegExp) => (pattern.test(words[0] ?? "") ? words.shift() : undefined);
  const parts = { weekdays: take(/^[a-z]/), date: take(/^[^:]+$/), time: take(/:/) };
  return words.length === 0 ? parts : {};
}

const areWeekdays = (text: string) =>
  text.split(",").every((item) => {
    const [from, to, ...more] = item.split("..").map((name) => WEEKDAYS.findIndex((day) => day === name || day.slice(0, 3) === name));
    return from !== undefined && from >= 0 && (to === undefined || to >= from) && more.length === 0;
  });

function dateProblem(text: string): string | undefined {
  if (/^\d{4}/.test(text)) return `a restart in one year only ends the schedule: write * for the year, ${EXAMPLE}`;
  const [, month = "", separator, day = ""] = /^(?:\*-)?([^-~]+)([-~])([^-~]+)$/.exec(text) ?? [];
  const months = valuesOf(month, BOUNDS.month);
  const days = valuesOf(day, separator === "~" ? BOUNDS.dayFromEnd : BOUNDS.day);
  if (!months || !days || (separator === "~" && /[,/]/.test(day))) return GRAMMAR;
  const comes = months.some((number) => days.some((date) => date <= (DAYS_OF_MONTH[number - 1] ?? 0)));
  return comes ? undefined : `no month of it has that day: write never, or a date that exists, ${EXAMPLE}`;
}

function timeProblem(text: string): string | undefined {
  const [hour = "", minute = "", second = "00", ...more] = text.split(":");
  const hours = valuesOf(hour, BOUNDS.hour);
  const minutes = valuesOf(minute, BOUNDS.minute);
  const seconds = valuesOf(second, BOUNDS.second);
  if (!hours || !minutes || !seconds || more.length > 0) return GRAMMAR;
  if (seconds.length > 1) return "it starts several times a minute: write one number of seconds, or none";
  const gap = smallestGap(hours.flatMap((hourOfDay) => minutes.map((minuteOfHour) => hourOfDay * 60 + minuteOfHour)));
  return gap < MIN_GAP_MINUTES ? tooOften(gap) : undefined;
}

/** In minutes, over midnight too. It ignores which days follow each other, so some weekly expressions count as more frequent than they are. */
function smallestGap(minutesOfDay: readonly number[]): number {
  const sorted = minutesOfDay.toSorted((a, b) => a - b);
  const next = [...sorted.slice(1), (sorted[0] ?? 0) + MINUTES_OF_DAY];
  return Math.min(...sorted.map((minute, index) => (next[index] ?? 0) - minute));
}

/** `"1..5/2,9"` -> 1, 3, 5, 9, each once; `"*"`: all. undefined if systemd would refuse it. */
function valuesOf(text: string, [min, max]: readonly [number, number]): number[] | undefined {
  if (text === "*") return Array.from({ length: max - min + 1 }, (_, index) => min + index);
  const items = text.split(",").map((item) => itemValues(item, [min, max]));
  return items.includes(undefined) ? undefined : [...new Set(items.flatMap((values) => values ?? []))];
}

function itemValues(text: string, [min, max]: readonly [number, number]): number[] | undefined {
  const [, start, end, repeat] = /^(\d{1,4})(?:\.\.(\d{1,4}))?(?:\/(\d{1,4}))?$/.exec(text) ?? [];
  const [first, step] = [Number(start), Number(repeat ?? 1)];
  const last = Number(end ?? (repeat === undefined ? start : max));
  const isWithin = start !== undefined && first >= min && last <= max && first <= last && step >= 1;
  // systemd requires a repetition to occur at least once.
  if (!isWithin || (repeat !== undefined && first + step > last)) return undefined;
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

import { Cron } from "croner";

/** Times in cron syntax, such as "0 4 * * MON-FRI". */
export interface CronTimes {
  /** minute, hour, day of the month, month, weekday; a sixth field before them is seconds. Or @hourly, @daily, @weekly, @monthly, @yearly. */
  expression: string;
  /** IANA name: "Europe/Berlin". */
  timeZone: string;
}

const FORM = /^(?:@[a-z]+|\S+(?: \S+){4,5})$/;
const LONGEST = 100;

/** The problem of such times, for the script's author; undefined if they are valid. */
export function cronProblem({ expression, timeZone }: CronTimes): string | undefined {
  if (!FORM.test(expression) || expression.length > LONGEST) {
    return `expects times like "0 4 * * *" (minute, hour, day, month, weekday) or "@daily", not ${JSON.stringify(expression).slice(0, LONGEST)}`;
  }
  if (!isTimeZone(timeZone))
    return `has an unknown time zone ${JSON.stringify(timeZone).slice(0, LONGEST)}: write one like "Europe/Berlin"`;
  try {
    return open({ expression, timeZone }).nextRun() ? undefined : `"${expression}" never occurs`;
  } catch (error) {
    return `cannot parse "${expression}": ${(error as Error).message.replace(/^Cron\w+: /, "")}`;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * The first of these times after a given time. When clocks are put forward, a skipped time of day occurs at the end of the gap. When they are
 * put back, a repeated time of day counts once, the first time. "Every hour" and the like run through both changes.
 *
 * @param times valid times.
 * @param after unix seconds.
 * @returns unix seconds; undefined if no time is left.
 */
export const nextCronTime = (times: CronTimes, after: number): number | undefined => seconds(open(times).nextRun(new Date(after * 1_000)));

/** The last of these times up to and including a given time. Unix seconds, as above. */
export const lastCronTime = (times: CronTimes, upTo: number): number | undefined =>
  seconds(open(times).previousRuns(1, new Date((Math.floor(upTo) + 1) * 1_000))[0]);

/** Lists and ranges of hours are times of day, as in Vixie cron. */
const open = ({ expression, timeZone }: CronTimes) =>
  new Cron(expression, { timezone: timeZone, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" });

const seconds = (time: Date | null | undefined) => (time ? Math.floor(time.getTime() / 1_000) : undefined);

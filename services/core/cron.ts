import { Cron } from "croner";

/** Times of day and the like, in cron syntax: "0 4 * * MON-FRI". */
export interface CronTimes {
  /** minute, hour, day of the month, month, weekday; a sixth field before them is seconds. Or @hourly, @daily, @weekly, @monthly, @yearly. */
  expression: string;
  /** IANA name: "Europe/Berlin". */
  timeZone: string;
}

const FORM = /^(?:@[a-z]+|\S+(?: \S+){4,5})$/;
const LONGEST = 100;

/** What is wrong with such times, to be shown to the script's author; undefined if nothing is. */
export function cronProblem({ expression, timeZone }: CronTimes): string | undefined {
  if (!FORM.test(expression) || expression.length > LONGEST) {
    return `takes times like "0 4 * * *" (minute, hour, day, month, weekday) or "@daily", not ${JSON.stringify(expression).slice(0, LONGEST)}`;
  }
  if (!isTimeZone(timeZone)) return `knows no time zone ${JSON.stringify(timeZone).slice(0, LONGEST)}: write one like "Europe/Berlin"`;
  try {
    return open({ expression, timeZone }).nextRun() ? undefined : `never comes to "${expression}"`;
  } catch (error) {
    return `does not understand "${expression}": ${(error as Error).message.replace(/^Cron\w+: /, "")}`;
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
 * The first of these times after a moment. A time of day that is skipped when clocks are put forward comes when the gap ends, one that comes twice
 * when they are put back counts the first time; "every hour" and the like go on through both.
 *
 * @param times without a problem.
 * @param after unix seconds.
 * @returns unix seconds; undefined when there is none.
 */
export const nextCronTime = (times: CronTimes, after: number): number | undefined => seconds(open(times).nextRun(new Date(after * 1_000)));

/** The last of these times up to a moment, and that moment itself. Unix seconds, as above. */
export const lastCronTime = (times: CronTimes, upTo: number): number | undefined =>
  seconds(open(times).previousRuns(1, new Date((Math.floor(upTo) + 1) * 1_000))[0]);

const open = ({ expression, timeZone }: CronTimes) => new Cron(expression, { timezone: timeZone, mode: "5-or-6-parts" });

const seconds = (time: Date | null | undefined) => (time ? Math.floor(time.getTime() / 1_000) : undefined);

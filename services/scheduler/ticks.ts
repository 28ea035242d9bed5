import { type CronTimes, lastCronTime, nextCronTime } from "../core/protocol/cron.ts";

/** One due call of a method decorated with `@every` or `@cron`. */
export interface Tick {
  callback: string;
  /** Unix second. */
  at: number;
}

export type CronMethod = { callback: string } & CronTimes;

/** After a longer downtime than this, only the last tick of each method is made up. Seconds. */
const CATCH_UP_SECONDS = 60;

/**
 * The ticks in (`lastTick`, `now`]: aligned to the Unix epoch, as in pyspider (libs/base_handler.py `every`). Each occurs exactly once, because
 * `lastTick` is stored together with the tasks made of them.
 *
 * @param every intervals in whole seconds, at least 1.
 * @param lastTick 0 for a project that has not run yet: it has missed no tick.
 */
export function dueTicks(every: { callback: string; seconds: number }[], lastTick: number, now: number): Tick[] {
  if (lastTick === 0) return [];
  return every.flatMap(({ callback, seconds }) => {
    const last = Math.floor(now / seconds) * seconds;
    const earliest = Math.min(last, Math.max(lastTick + 1, Math.floor(now) - CATCH_UP_SECONDS + 1));
    const first = Math.ceil(earliest / seconds) * seconds;
    const count = last > lastTick ? (last - first) / seconds + 1 : 0;
    return Array.from({ length: count }, (_, index) => ({ callback, at: first + index * seconds }));
  });
}

/** The same for methods with `@cron`. */
export function dueCronTicks(cron: CronMethod[], lastTick: number, now: number): Tick[] {
  if (lastTick === 0) return [];
  const second = Math.floor(now);
  return cron.flatMap((method) => {
    const since = Math.max(lastTick, second - CATCH_UP_SECONDS);
    const ticks: Tick[] = [];
    for (let at = nextCronTime(method, since); at !== undefined && at <= second; at = nextCronTime(method, at)) {
      ticks.push({ callback: method.callback, at });
    }
    const missed = ticks.length === 0 && since > lastTick ? lastCronTime(method, since) : undefined;
    return missed !== undefined && missed > lastTick ? [{ callback: method.callback, at: missed }] : ticks;
  });
}

/** The first time after `lastTick` for which `dueCronTicks` returns a tick; Infinity if there is no further one. */
export const nextCronTick = (cron: CronMethod[], lastTick: number): number =>
  Math.min(...cron.map((method) => nextCronTime(method, lastTick) ?? Infinity));

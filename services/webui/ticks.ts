import { nextCronTime } from "../core/protocol/cron.ts";
import type { ScriptInfo } from "../core/protocol/messages.ts";

/** The next time that the scheduler calls a method by itself. */
export interface NextTick {
  callback: string;
  /** Unix seconds. */
  at: number;
}

/** The next tick of each method with `@every` or `@cron`, the first one first. Pure. @param now unix seconds. */
export function nextTicks({ every, cron }: Pick<ScriptInfo, "every" | "cron">, now: number): NextTick[] {
  const second = Math.floor(now);
  const intervals = every.map(({ callback, seconds }) => ({ callback, at: (Math.floor(second / seconds) + 1) * seconds }));
  const times = (cron ?? []).flatMap(({ callback, ...method }) => {
    const at = nextCronTime(method, second);
    return at === undefined ? [] : [{ callback, at }];
  });
  return [...intervals, ...times].sort((one, other) => one.at - other.at);
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { type CronMethod, dueCronTicks, dueTicks, nextCronTick } from "../../../services/scheduler/ticks.ts";

const tickTable: [string, number, number, number, number[]][] = [
  ["no tick before the interval has passed", 60, 960, 1_019, []],
  ["one tick when it has passed", 60, 960, 1_020, [1_020]],
  ["each of several missed ticks", 10, 995, 1_020, [1_000, 1_010, 1_020]],
  ["only ticks of the last minute after a long standstill", 20, 10, 100_000, [99_960, 99_980, 100_000]],
  ["the last tick if the interval is longer than the standstill", 3_600, 10, 7_300, [7_200]],
  ["no tick for a new project", 1, 0, 1_000, []],
];

for (const [name, seconds, lastTick, now, expected] of tickTable) {
  test(`ticks of every: ${name}`, () => {
    assert.deepEqual(
      dueTicks([{ callback: "poll", seconds }], lastTick, now).map(({ at }) => at),
      expected,
    );
  });
}

const at = (time: string) => Date.parse(time) / 1_000;
const daily: CronMethod = { callback: "morning", expression: "30 2 * * *", timeZone: "Europe/Berlin" };
const eachSecond: CronMethod = { callback: "poll", expression: "* * * * * *", timeZone: "UTC" };
const cronTable: [string, CronMethod, string, string, string[]][] = [
  ["no tick before its time", daily, "2026-06-01T00:30:00Z", "2026-06-02T00:29:59Z", []],
  ["one tick when its time has come", daily, "2026-06-01T00:30:00Z", "2026-06-02T00:30:00Z", ["2026-06-02T00:30:00Z"]],
  ["the last tick after a standstill of days", daily, "2026-06-01T00:30:00Z", "2026-06-05T09:00:00Z", ["2026-06-05T00:30:00Z"]],
  [
    "each of the last minute",
    { ...eachSecond, expression: "*/20 * * * * *" },
    "2026-06-01T00:00:00Z",
    "2026-06-01T00:01:05Z",
    ["2026-06-01T00:00:20Z", "2026-06-01T00:00:40Z", "2026-06-01T00:01:00Z"],
  ],
  ["no repeated tick when clocks are set back", daily, "2026-10-25T00:30:00Z", "2026-10-26T01:29:59Z", []],
  ["the skipped tick at the end of the gap", daily, "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", ["2026-03-29T01:00:00Z"]],
];

for (const [name, method, lastTick, now, expected] of cronTable) {
  test(`ticks of cron: ${name}`, () => {
    assert.deepEqual(
      dueCronTicks([method], at(lastTick), at(now)).map((tick) => tick.at),
      expected.map(at),
    );
  });
}

test("a new project has missed no tick of cron", () => {
  assert.deepEqual(dueCronTicks([eachSecond], 0, 1_000), []);
});

// A takeover is a look at another moment with what was stored at the last tick.
for (const [name, expression, from, days] of [
  ["in spring", "*/30 1-3 * * *", "2026-03-28T12:00:00Z", 2],
  ["in autumn", "*/30 1-3 * * *", "2026-10-24T12:00:00Z", 2],
  ["with a time that comes twice", "30 2 * * *", "2026-10-24T12:00:00Z", 3],
  ["with a time that is skipped", "30 2 * * *", "2026-03-28T12:00:00Z", 3],
] as const) {
  test(`each tick occurs once, whenever it is evaluated: ${name}`, () => {
    const method = { callback: "m", expression, timeZone: "Europe/Berlin" };
    const end = at(from) + days * 86_400;
    const look = (stepSeconds: number) => {
      const ticks: number[] = [];
      let lastTick = at(from);
      for (let now = at(from) + stepSeconds; now <= end; now += stepSeconds) {
        if (now < nextCronTick([method], lastTick)) continue;
        ticks.push(...dueCronTicks([method], lastTick, now).map((tick) => tick.at));
        lastTick = now;
      }
      return ticks;
    };

    const steady = look(30);

    assert.deepEqual([...new Set(steady)], steady);
    for (const stepSeconds of [37, 59, 601, 1_799]) assert.deepEqual(look(stepSeconds), steady, `each ${stepSeconds} s`);
  });
}

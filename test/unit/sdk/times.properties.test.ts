/** Durations, intervals and times of day as scripts may write them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CronTimes, cronProblem, lastCronTime, nextCronTime } from "../../../services/core/protocol/cron.ts";
import { dueCronTicks, dueTicks } from "../../../services/scheduler/ticks.ts";
import { cron, cronTimesOf, every, everySecondsOf } from "../../../services/sdk/decorators.ts";
import { parseDuration } from "../../../services/sdk/duration.ts";
import { anyText, anyValue, fewerRuns, recordOf, textOf } from "../../fixtures/arbitraries.ts";
import { methodContext as context } from "../../fixtures/crawling.ts";

const duration = fc.oneof(anyValue, textOf(["1", "9".repeat(308), "0", ".", "s", "m", "h", "d", "-", "e5"], 4));

test("any value is a bounded number of seconds, or an invalid duration", () => {
  fc.assert(
    fc.property(duration, (value) => {
      const seconds = parseDuration(value);

      assert.ok(seconds === undefined || (seconds >= 0 && seconds < Infinity), String(seconds));
    }),
  );
});

test("a number with a unit is converted to seconds", () => {
  const units = { s: 1, m: 60, h: 3_600, d: 86_400 };
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom("s" as const, "m" as const, "h" as const, "d" as const), (amount, unit) => {
      assert.equal(parseDuration(`${amount}${unit}`), amount * units[unit]);
    }),
  );
});

test("any interval is whole seconds whose ticks become due, or a TypeError", () => {
  const interval = fc.oneof(
    duration,
    fc.record({ days: anyValue, hours: anyValue, seconds: anyValue }, { requiredKeys: [] }),
    recordOf(anyValue),
  );
  fc.assert(
    fc.property(interval, fc.nat(2 ** 31), (given, now) => {
      const method = () => {};
      try {
        every(given as never)(method, context);
      } catch (error) {
        assert.ok(error instanceof TypeError, String(error));
        return;
      }
      const seconds = everySecondsOf(method) as number;

      const ticks = dueTicks([{ callback: "x", seconds }], Math.max(1, now - 1_000), now + 0.5);

      assert.ok(Number.isSafeInteger(seconds) && seconds >= 1 && ticks.length <= 60 && ticks.every(({ at }) => at <= now));
    }),
  );
});

const FIELDS = [
  "*",
  "0",
  "1",
  "5",
  "12",
  "23",
  "29",
  "31",
  "59",
  "60",
  "L",
  "W",
  "#",
  "?",
  "MON",
  "FEB",
  "7",
  "-",
  "/",
  ",",
  "@daily",
  "@",
  " ",
  " ",
  " ",
];
const field = fc.oneof({ weight: 3, arbitrary: fc.constant("*") }, { weight: 1, arbitrary: textOf(FIELDS.slice(0, -3), 3) });
const expression = fc.oneof(
  { weight: 1, arbitrary: textOf(FIELDS, 12) },
  { weight: 3, arbitrary: fc.array(field, { minLength: 5, maxLength: 6 }).map((fields) => fields.join(" ")) },
);
const zone = fc.oneof(
  { weight: 1, arbitrary: anyText(10) },
  { weight: 4, arbitrary: fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "+05:30") },
);

test("any text is a schedule that continues, or a TypeError", () => {
  fc.assert(
    fc.property(expression, zone, fc.integer({ min: 1, max: 4e9 }), (written, timeZone, now) => {
      const method = () => {};
      try {
        cron(written, { timeZone })(method, context);
      } catch (error) {
        assert.ok(error instanceof TypeError, String(error));
        return;
      }
      const [times] = cronTimesOf(method) as [CronTimes];

      const [last, next] = [lastCronTime(times, now), nextCronTime(times, now)];

      assert.equal(cronProblem(times), undefined);
      assert.ok(last === undefined || last <= now, `last ${last}`);
      assert.ok(next === undefined || next > now, `next ${next}`);
      assert.ok(dueCronTicks([{ ...times, callback: "x" }], Math.max(1, now - 100), now).length <= 60);
    }),
    fewerRuns(0.5),
  );
});

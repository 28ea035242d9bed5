import assert from "node:assert/strict";
import { test } from "node:test";
import { cronProblem, lastCronTime, nextCronTime } from "../../../../services/core/protocol/cron.ts";

const at = (time: string) => Date.parse(time) / 1_000;

for (const [expression, timeZone, problem] of [
  ["0 4 * * *", "Europe/Berlin", undefined],
  ["0 0 4 * * *", "UTC", undefined],
  ["5 4 * * MON-FRI", "America/New_York", undefined],
  ["@daily", "Asia/Kolkata", undefined],
  ["0 4 * *", "UTC", /expects times like "0 4 \* \* \*"/],
  ["2030-01-01T00:00:00", "UTC", /expects times like/],
  ["0 4 * * * * 2030", "UTC", /expects times like/],
  [`0 4 * * ${"1,".repeat(60)}1`, "UTC", /expects times like/],
  ["61 4 * * *", "UTC", /cannot parse "61 4 \* \* \*": Invalid value for minute: 61/],
  ["0 0 31 2 *", "UTC", /"0 0 31 2 \*" never occurs/],
  ["@every", "UTC", /cannot parse/],
  ["0 4 * * *", "Mars/Olympus", /has an unknown time zone "Mars\/Olympus"/],
] as const) {
  test(`"${expression.slice(0, 40)}" in ${timeZone} ${problem ? `is refused: ${problem}` : "is understood"}`, () => {
    const found = cronProblem({ expression, timeZone });

    if (problem) assert.match(found ?? "", problem);
    else assert.equal(found, undefined);
  });
}

for (const [name, expression, after, expected] of [
  ["every night", "30 2 * * *", "2026-06-01T00:30:00Z", "2026-06-02T00:30:00Z"],
  ["the night in which 02:30 is skipped, at the end of the gap", "30 2 * * *", "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z"],
  ["the night after that", "30 2 * * *", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
  ["the night in which 02:30 comes twice, the first time", "30 2 * * *", "2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z"],
  ["the second 02:30 is skipped", "30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
  ["the second 02:30 is also skipped after 02:45", "30 2 * * *", "2026-10-25T00:45:00Z", "2026-10-26T01:30:00Z"],
  ["of a list, the time that is skipped", "30 2,14 * * *", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"],
  ["of a list, the second 02:30 is skipped", "30 2,14 * * *", "2026-10-25T00:30:00Z", "2026-10-25T13:30:00Z"],
  ["of a range, the second 02:00 is skipped", "0 1-4 * * *", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"],
  ["of a range, the skipped 02:00 and the 03:00 after it are one time", "0 1-4 * * *", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"],
  ["every 20 minutes continues while clocks are set back", "*/20 * * * *", "2026-10-25T00:40:00Z", "2026-10-25T01:00:00Z"],
  ["an hourly schedule continues while clocks are set back", "0 * * * *", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"],
] as const) {
  test(`the next time in Berlin: ${name}`, () => {
    assert.equal(nextCronTime({ expression, timeZone: "Europe/Berlin" }, at(after)), at(expected));
  });
}

test("the last occurrence at or before a time can be that time itself", () => {
  const times = { expression: "0 4 * * *", timeZone: "UTC" };

  assert.equal(lastCronTime(times, at("2026-06-02T04:00:00Z")), at("2026-06-02T04:00:00Z"));
  assert.equal(lastCronTime(times, at("2026-06-02T03:59:59Z")), at("2026-06-01T04:00:00Z"));
});

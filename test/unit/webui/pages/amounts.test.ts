import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAge, formatBytes, formatDistance, formatMs, formatShortCount } from "../../../../services/webui/pages/shell/amounts.ts";

test("small counts are exact", () => {
  assert.deepEqual([0, 9_999, 12_345, 1_284_200].map(formatShortCount), ["0", "9,999", "12.3K", "1.3M"]);
});

test("durations and sizes have at most three digits before the unit", () => {
  assert.deepEqual([0, 8.44, 118.2, 2_540].map(formatMs), ["0 ms", "8.4 ms", "118 ms", "2.5 s"]);
  assert.deepEqual([980, 12_600, 3_500_000].map(formatBytes), ["980 B", "12.3 KiB", "3.3 MiB"]);
});

test("ages have one unit, the largest that fits", () => {
  assert.deepEqual([0, 12.3, 999, 1_000, 119_000, 7_300_000, 200_000_000].map(formatAge), [
    "0 ms",
    "12 ms",
    "999 ms",
    "1 s",
    "1 min",
    "2 h",
    "2 d",
  ]);
});

test("times are shown relative to now, before and after", () => {
  assert.deepEqual(
    [100, 99.5, 40, -80, -7_300, 190_000].map((time) => formatDistance(time, 100)),
    ["now", "now", "1 min ago", "3 min ago", "2 h ago", "in 2 d"],
  );
});

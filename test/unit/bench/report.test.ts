import assert from "node:assert/strict";
import { test } from "node:test";
import { reportLines, reportTable } from "../../bench/report.ts";

const crawl = (pagesPerSecond: number) => ({ pagesPerSecond, cpuSecondsPer1000Pages: 1 });
const RESULTS = [
  { name: "fetch", samples: [{ pagesPerSecond: 9_000 }] },
  { name: "embedded", samples: [crawl(1_200), crawl(1_300), crawl(1_400)] },
  { name: "roles", samples: [], skipped: "needs redis-server" },
  { name: "scrapy-jobdir", samples: [crawl(200), crawl(200), crawl(200)] },
];

test("each measure has one line with the machine's facts, and each of our crawls one ratio per peer", () => {
  const lines = reportLines(RESULTS, { cores: 2 });

  const spread = (median: number, min = median, max = median) => ({ median, min, max });
  assert.deepEqual(lines, [
    { measure: "fetch", samples: 1, pagesPerSecond: spread(9_000), cores: 2 },
    { measure: "embedded", samples: 3, pagesPerSecond: spread(1_300, 1_200, 1_400), cpuSecondsPer1000Pages: spread(1), cores: 2 },
    { measure: "roles", skipped: "needs redis-server" },
    { measure: "scrapy-jobdir", samples: 3, pagesPerSecond: spread(200), cpuSecondsPer1000Pages: spread(1), cores: 2 },
    { ratio: "embedded / scrapy-jobdir", samples: 3, pagesPerSecond: spread(6.5, 6, 7), cpuSecondsPer1000Pages: spread(1) },
  ]);
});

test("the text report shows only medians", () => {
  assert.equal(
    reportTable(RESULTS.slice(0, 3)),
    "fetch     pagesPerSecond 9000\nembedded  pagesPerSecond 1300, cpuSecondsPer1000Pages 1\nroles     skipped: needs redis-server\n",
  );
});

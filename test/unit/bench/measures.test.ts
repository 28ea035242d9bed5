import assert from "node:assert/strict";
import { test } from "node:test";
import { BENCH_MEASURES } from "../../../services/cli/bench.ts";
import { crawlFigures } from "../../bench/crawl-figures.ts";
import { MEASURES } from "../../bench/measures.ts";
import { siteAnswers } from "../../bench/site-pages.ts";

test("./orb bench lists the existing measures", () => {
  assert.deepEqual(
    BENCH_MEASURES,
    MEASURES.map(({ name }) => name),
  );
});

test("a crawl's speed uses the site's clock, and its CPU time includes all processes", () => {
  const figures = crawlFigures(5_000, 5_000, { answers: 5_000, pages: 5_000, seconds: 4 }, { cpuSeconds: 5, peakMiB: 300 });

  assert.deepEqual(figures, { pagesPerSecond: 1_250, cpuSecondsPer1000Pages: 1, peakMiB: 300 });
});

for (const { name, stored, pages } of [
  { name: "missed a page", stored: 99, pages: 99 },
  { name: "lost a result", stored: 99, pages: 100 },
]) {
  test(`a crawl that ${name} has no figures`, () => {
    assert.throws(() => crawlFigures(100, stored, { answers: pages, pages, seconds: 1 }, { cpuSeconds: 1, peakMiB: 1 }), /does not count/);
  });
}

test("the bench's site has pages of about 5 KB with 20 links, all reachable from the seed", () => {
  const answers = siteAnswers(500);
  const linksOf = (path: string) => [...String(answers.get(path)).matchAll(/href="([^"]+)"/g)].map(([, link = ""]) => link);

  const reached = new Set(["/"]);
  for (const path of reached) for (const link of linksOf(path)) reached.add(link);

  assert.equal(reached.size, 500);
  for (const [path, answer] of answers) {
    assert.equal(linksOf(path).length, 20, path);
    assert.ok(answer.length > 4_000 && answer.length < 5_200, `${path} has ${answer.length} bytes`);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodeOfRun, jsonLine, progressText, type RunReport, summaryText } from "../../../services/cli/run-report.ts";

const complete: RunReport = {
  pages: 100,
  results: 90,
  failed: 0,
  skipped: {},
  seconds: 4,
  failures: [],
  isScriptsFault: false,
  isInterrupted: false,
  isGivenUp: false,
  loginProblem: null,
  left: 0,
  early: 0,
};
const failure = (code: string, taskid = "t") => ({
  taskid,
  url: "http://h/x",
  error: { code, message: "what happened", retryable: false },
});

for (const [title, report, code] of [
  ["a complete crawl", {}, 0],
  ["a crawl whose website failed on some pages", { failed: 2, failures: [failure("E_PAGE_STATUS")] }, 0],
  ["a crawl whose every page failed", { pages: 3, failed: 3, results: 0, failures: [failure("E_PAGE_STATUS")] }, 1],
  ["a crawl whose every page failed but that has results", { pages: 3, failed: 3, results: 2 }, 0],
  ["a script that throws on a page", { failed: 1, isScriptsFault: true }, 1],
  ["a start that failed", { pages: 0, failed: 1, isScriptsFault: true }, 1],
  ["a crawl that was given up", { isGivenUp: true }, 1],
  ["an interrupted crawl", { isInterrupted: true }, 130],
  ["a crawl that requested no page", { pages: 0, results: 0 }, 0],
] as const) {
  test(`${title} exits ${code}`, () => {
    assert.equal(exitCodeOfRun({ ...complete, ...report, failures: [...("failures" in report ? report.failures : [])] }), code);
  });
}

test("the summary has counts, and lists failures with reason and code", () => {
  const text = summaryText({ ...complete, failed: 3, failures: [failure("E_SCRIPT", "on_start"), failure("E_PAGE_STATUS")] }, "r.jsonl");

  assert.deepEqual(text.split("\n"), [
    "done in 4.0 s: 100 pages, 90 results, 3 failed, 25 pages/s",
    "results: r.jsonl",
    "  onStart: what happened (E_SCRIPT)",
    "  http://h/x: what happened (E_PAGE_STATUS)",
    "  … and 1 more",
    "",
  ]);
});

test("the summary says how many links were skipped, and why", () => {
  const text = summaryText({ ...complete, skipped: { maxDepth: 12, exclude: 3 } }, undefined);

  assert.match(text, /\nlinks skipped: maxDepth 12, exclude 3\n/);
});

test("the summary says that a run was given up, and what is left", () => {
  const text = summaryText({ ...complete, isGivenUp: true, left: 40 }, undefined);

  assert.match(text, /^too many tasks in a row failed, .*: 40 tasks were not crawled\ngiven up after 4\.0 s: 100 pages/);
});

test("the summary says how many tasks wait for their exetime", () => {
  assert.match(summaryText({ ...complete, early: 3 }, undefined), /\n3 tasks wait for their exetime and were not crawled: .*\.\/orb start/);
});

test("the JSON line has pages, results, failed, early, skipped and seconds to the millisecond", () => {
  assert.equal(jsonLine({ ...complete, seconds: 4.00049 }), '{"pages":100,"results":90,"failed":0,"early":0,"skipped":{},"seconds":4}\n');
});

test("progress fits one line", () => {
  assert.equal(progressText({ pending: 5, success: 8, failed: 2 }, 2), "2 s: 10 done, 5 to do, 2 failed, 5.0/s");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchOrder, Page } from "../../../services/core/messages.ts";
import { leaseMax } from "../../../services/processor/hold-limits.ts";
import { readRetryAfter, toOutcome, trackFetch } from "../../../services/processor/outcome.ts";
import { failedResult } from "../../../services/script/sandbox.ts";

const order: FetchOrder = {
  project: "p",
  taskid: "t",
  attempt: 7,
  url: "http://a.test/",
  fetch: {},
  process: { callback: "page" },
  scriptHash: "h",
  debug: false,
  retried: 0,
  validators: { etag: '"old"', lastModified: "before" },
};
const page: Page = {
  url: "http://a.test/",
  origUrl: "http://a.test/",
  statusCode: 200,
  headers: { etag: '"new"' },
  cookies: {},
  content: Buffer.from("abc"),
  timeMs: 12,
};
const error = { code: "E_DNS", message: "x", retryable: true };

for (const { title, change, track } of [
  { title: "a good page", change: {}, track: { ok: true, statusCode: 200, etag: '"new"' } },
  {
    title: "a page that has not changed",
    change: { statusCode: 304, headers: {} },
    track: { ok: true, statusCode: 304, etag: '"old"', lastModified: "before" },
  },
  { title: "an error page", change: { statusCode: 500 }, track: { ok: false, statusCode: 500 } },
  { title: "no page", change: { statusCode: 599, error }, track: { ok: false, statusCode: 599, error } },
  {
    title: "a redirected page",
    change: { url: "http://a.test/b" },
    track: { ok: true, statusCode: 200, redirectUrl: "http://a.test/b", etag: '"new"' },
  },
]) {
  test(`of ${title} the track keeps what the next run needs`, () => {
    assert.deepEqual(trackFetch(order, { ...page, ...change }), { timeMs: 12, bytes: 3, ...track });
  });
}

test("an outcome carries the attempt, the run and what the script gave", () => {
  const process = { ok: true, timeMs: 1, follows: 0, logs: "" };

  const outcome = toOutcome({ order, page }, { process, results: ["1"], follows: [], messages: [], stored: 5 }, "run-1");

  assert.deepEqual(
    { ...outcome, fetch: undefined },
    {
      kind: "outcome",
      project: "p",
      taskid: "t",
      attempt: 7,
      run: "run-1",
      url: "http://a.test/",
      fetch: undefined,
      process,
      results: ["1"],
      follows: [],
      messages: [],
      stored: 5,
    },
  );
});

for (const { title, held, average, max } of [
  { title: "nothing is held and pages are small", held: { pages: 0, bytes: 0 }, average: 5_000, max: 512 },
  { title: "nothing is known of the pages", held: { pages: 0, bytes: 0 }, average: undefined, max: 256 },
  { title: "500 small pages are held", held: { pages: 500, bytes: 500 }, average: 1, max: 12 },
  { title: "all bytes are taken", held: { pages: 6, bytes: 16 * 1_048_576 }, average: 1_048_576, max: 0 },
  { title: "pages are large", held: { pages: 1, bytes: 4 * 1_048_576 }, average: 4 * 1_048_576, max: 3 },
  { title: "one page is larger than everything", held: { pages: 0, bytes: 0 }, average: 200 * 1_048_576, max: 1 },
]) {
  test(`when ${title}, ${max} pages may be leased`, () => {
    assert.equal(leaseMax(held, average), max);
  });
}

test("results of a message belong to what it is about", () => {
  const save = { project: "other", message: 1, url: "http://a.test/#7" };
  const message = { ...order, taskid: "_on_message_1_0", url: "data:,on_message", save };

  const about = toOutcome({ order: message, page }, failedResult(error, 1), "run");
  const other = toOutcome({ order: { ...order, save }, page }, failedResult(error, 1), "run");

  assert.deepEqual([about.url, other.url], ["http://a.test/#7", order.url]);
});

const NOW_MS = Date.parse("Wed, 01 Jan 2025 12:00:00 GMT");
const PATIENCE: [statusCode: number, said: string | undefined, seconds: number | undefined][] = [
  [429, "120", 120],
  [503, "120", 120],
  [503, "Wed, 01 Jan 2025 12:00:30 GMT", 30],
  [503, "Wed, 01 Jan 2025 11:00:00 GMT", 0],
  [429, "0", 0],
  [429, "86400", 3_600],
  [429, "Thu, 02 Jan 2025 12:00:00 GMT", 3_600],
  [429, "soon", undefined],
  [429, "", undefined],
  [429, undefined, undefined],
  [500, "120", undefined],
  [200, "120", undefined],
];

for (const [statusCode, said, seconds] of PATIENCE) {
  test(`status ${statusCode} with Retry-After ${said} asks for ${seconds === undefined ? "nothing" : `${seconds} s`}`, () => {
    const headers: Record<string, string> = said === undefined ? {} : { "retry-after": said };

    assert.equal(readRetryAfter({ statusCode, headers }, NOW_MS), seconds);
  });
}

test("what a host asks for goes with the track", () => {
  const asked = { ...page, statusCode: 429, headers: { "retry-after": "7" }, crawlDelaySeconds: 3 };

  const { retryAfterSeconds, crawlDelaySeconds } = trackFetch(order, asked);

  assert.deepEqual([retryAfterSeconds, crawlDelaySeconds], [7, 3]);
});

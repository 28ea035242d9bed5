import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchOrder, Page } from "../../../services/core/protocol/messages.ts";
import { readRetryAfter, toOutcome, trackFetch } from "../../../services/processor/outcome.ts";
import { failedResult } from "../../../services/sandbox/sandbox.ts";

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
  {
    title: "a page whose validators cannot be stored",
    change: { headers: { etag: '"\0"', "last-modified": "\0" } },
    track: { ok: true, statusCode: 200 },
  },
  { title: "an error page", change: { statusCode: 500 }, track: { ok: false, statusCode: 500 } },
  { title: "no page", change: { statusCode: 599, error }, track: { ok: false, statusCode: 599, error } },
  {
    title: "a redirected page",
    change: { url: "http://a.test/b" },
    track: { ok: true, statusCode: 200, redirectUrl: "http://a.test/b", etag: '"new"' },
  },
]) {
  test(`the track of ${title} has the data for the next run`, () => {
    assert.deepEqual(trackFetch(order, { ...page, ...change }), { timeMs: 12, bytes: 3, ...track });
  });
}

test("an outcome contains the attempt, the run and the script's output", () => {
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

test("results of a message are stored under the message's URL", () => {
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
  test(`status ${statusCode} with Retry-After ${said} requests ${seconds === undefined ? "no delay" : `${seconds} s`}`, () => {
    const headers: Record<string, string> = said === undefined ? {} : { "retry-after": said };

    assert.equal(readRetryAfter({ statusCode, headers }, NOW_MS), seconds);
  });
}

test("a host's requested delays are part of the track", () => {
  const asked = { ...page, statusCode: 429, headers: { "retry-after": "7" }, crawlDelaySeconds: 3 };

  const { retryAfterSeconds, crawlDelaySeconds } = trackFetch(order, asked);

  assert.deepEqual([retryAfterSeconds, crawlDelaySeconds], [7, 3]);
});

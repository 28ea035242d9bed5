import assert from "node:assert/strict";
import { test } from "node:test";
import { toAnswer } from "../../../services/processor/debug-answer.ts";
import { fetchedPage, outcome } from "../../fixtures/queue-messages.ts";

test("an answer to the debugger has the first 10,000 of many follows, and their number", () => {
  const follows = Array.from({ length: 50_000 }, (_, n) => ({ taskid: `${n}`, url: `http://a.test/${n}`, process: { callback: "page" } }));
  const { process, ...result } = outcome("a");

  const answer = toAnswer(fetchedPage("a").page, { ...result, follows, process: { ...process, follows: follows.length } });

  assert.deepEqual([answer.follows.length, answer.process.follows], [10_000, 50_000]);
});

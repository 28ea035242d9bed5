import assert from "node:assert/strict";
import { test } from "node:test";
import { type RetryOptions, retry } from "../../../../services/core/runtime/retry.ts";

const OPTIONS: RetryOptions = { isTransient: (error) => (error as Error).message.startsWith("transient"), waitMs: 1 };

/** Work that fails with these messages, then succeeds. */
function failing(...messages: string[]) {
  const state = { attempts: 0 };
  const work = async () => {
    const message = messages[state.attempts++];
    if (message !== undefined) throw new Error(message);
    return "done";
  };
  return { state, work };
}

test("work is repeated until it succeeds", async () => {
  const { state, work } = failing("transient 1", "transient 2");

  assert.equal(await retry(work, OPTIONS), "done");
  assert.equal(state.attempts, 3);
});

const ENDS: [title: string, options: Partial<RetryOptions>, messages: string[], failure: string][] = [
  ["a permanent failure", {}, ["transient 1", "permanent", "transient 3"], "permanent"],
  ["the last attempt", { maxAttempts: 2 }, ["transient 1", "transient 2", "transient 3"], "transient 2"],
  ["a single attempt", { maxAttempts: 1 }, ["transient 1"], "transient 1"],
  [
    "a wait beyond the time limit",
    { forMs: 60_000, waitMs: (failures) => (failures === 2 ? 60_001 : 1) },
    ["transient 1", "transient 2"],
    "transient 2",
  ],
  ["a time limit of 0", { forMs: 0 }, ["transient 1"], "transient 1"],
  ["a signal that aborted before", { signal: AbortSignal.abort() }, ["transient 1"], "transient 1"],
];
for (const [title, options, messages, failure] of ENDS) {
  test(`${title} ends the repetitions with the last failure`, async () => {
    const { state, work } = failing(...messages);
    let waits = 0;

    await assert.rejects(retry(work, { ...OPTIONS, ...options, onRetry: () => waits++ }), { message: failure });

    assert.equal(messages[state.attempts - 1], failure);
    assert.equal(waits, state.attempts - 1);
  });
}

test("a signal ends a wait at once, with the last failure", async () => {
  const stop = new AbortController();
  const { state, work } = failing("transient 1");

  const result = retry(work, { ...OPTIONS, waitMs: 60_000, signal: stop.signal, onRetry: () => setImmediate(() => stop.abort()) });

  await assert.rejects(result, { message: "transient 1" });
  assert.equal(state.attempts, 1);
});

test("a signal cancels no attempt that runs", async () => {
  const stop = new AbortController();

  const result = await retry(
    async () => {
      stop.abort();
      return "done";
    },
    { ...OPTIONS, signal: stop.signal },
  );

  assert.equal(result, "done");
});

test("each failure and the wait after it are reported", async () => {
  const { work } = failing("transient 1", "transient 2");
  const reports: [string, number][] = [];

  await retry(work, {
    ...OPTIONS,
    waitMs: (failures) => failures * 2,
    onRetry: (error, waitMs) => reports.push([(error as Error).message, waitMs]),
  });

  assert.deepEqual(reports, [
    ["transient 1", 2],
    ["transient 2", 4],
  ]);
});

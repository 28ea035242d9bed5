import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../../services/core/protocol/messages.ts";
import { MAX_DELIVERIES } from "../../../services/core/queue/queue.ts";
import { type OutcomeLease, type Store, storeBatch, withoutPoison } from "../../../services/result-worker/store-batch.ts";

const refusal = Object.assign(new Error("unsupported Unicode escape sequence"), { code: "22P05" });

function leaseOf(attempt: number): OutcomeLease {
  const message: Outcome = {
    kind: "outcome",
    project: "p",
    taskid: `t${attempt}`,
    attempt,
    run: `r${attempt}`,
    url: "http://h/",
    fetch: { ok: true, statusCode: 200, timeMs: 1, bytes: 1 },
    process: { ok: true, timeMs: 1, follows: 0, logs: "" },
    results: ["1"],
    follows: [],
    messages: [],
    stored: { a: 1 },
  };
  return { queue: "processor2result", id: String(attempt), message, deliveries: 1 };
}

/** A store that refuses the data of some attempts and remembers which batches were committed. */
function storeRefusing(bad: number[]) {
  const committed: number[][] = [];
  const store: Store = async (outcomes) => {
    if (outcomes.some(({ attempt, results }) => bad.includes(attempt) && results !== null)) throw refusal;
    committed.push(outcomes.map(({ attempt }) => attempt));
    return outcomes.map(() => true);
  };
  return { store, committed };
}

test("a batch is stored at once and passed on without its results", async () => {
  const { store, committed } = storeRefusing([]);

  const stored = await storeBatch([leaseOf(1), leaseOf(2)], store);

  assert.deepEqual(committed, [[1, 2]]);
  assert.deepEqual(
    stored.map(({ forward }) => forward?.results),
    [null, null],
  );
  assert.deepEqual(stored[0]?.forward?.stored, { a: 1 });
});

test("a stale outcome is not passed on", async () => {
  const stored = await storeBatch([leaseOf(1), leaseOf(2)], async () => [false, true]);

  assert.deepEqual(
    stored.map(({ forward }) => forward?.attempt),
    [undefined, 2],
  );
});

test("an outcome with invalid data fails alone, at any place in the batch", async () => {
  for (let bad = 1; bad <= 9; bad++) {
    const { store, committed } = storeRefusing([bad]);

    const stored = await storeBatch([1, 2, 3, 4, 5, 6, 7, 8, 9].map(leaseOf), store);

    assert.deepEqual(committed.flat().sort(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(
      stored.filter(({ forward }) => forward?.dead).map(({ forward }) => forward?.attempt),
      [bad],
    );
    assert.ok(committed.length <= 5, `${committed.length} transactions`);
  }
});

test("a failed outcome has the reason and no data", async () => {
  const { store } = storeRefusing([1]);

  const [stored] = await storeBatch([leaseOf(1)], store);

  assert.match(stored?.forward?.dead?.reason ?? "", /1 result rows \(1 bytes of JSON\) cannot be stored: unsupported Unicode/);
  assert.deepEqual(stored?.forward?.process.error?.code, "E_RESULT_REFUSED");
  assert.equal(stored?.forward?.process.ok, false);
  assert.equal(stored?.forward && "stored" in stored.forward, false);
});

test("for failures unrelated to the data, the caller must retry", async () => {
  const gone = Object.assign(new Error("terminating connection"), { code: "57P01" });

  await assert.rejects(
    storeBatch([leaseOf(1), leaseOf(2)], async () => Promise.reject(gone)),
    gone,
  );
});

test("an outcome that crashed every worker is quarantined with its evidence and without its data", () => {
  const parked = withoutPoison({ ...leaseOf(1), deliveries: MAX_DELIVERIES + 1 });

  const { process, results, stored, dead } = parked.message;
  assert.deepEqual([process.ok, process.error?.code, results, stored], [false, "E_POISON_TASK", null, undefined]);
  assert.equal(dead?.deliveries, MAX_DELIVERIES + 1);
  assert.match(dead?.reason ?? "", /every result-worker that took it crashed/);
});

test("an outcome at the maximum number of deliveries is stored unchanged", () => {
  const lease = { ...leaseOf(1), deliveries: MAX_DELIVERIES };

  assert.equal(withoutPoison(lease), lease);
});

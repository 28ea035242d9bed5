/** Scripts' output, and messages damaged in transit: the result-worker and the scheduler continue, and so do all other tasks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FetchOrder, InboxRequest, Outcome } from "../../services/core/protocol/messages.ts";
import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import type { Lease } from "../../services/core/queue/queue.ts";
import { decodeMessage, encodeMessage } from "../../services/core/queue/redis-encoding.ts";
import { storeOutcomes } from "../../services/result-worker/results.ts";
import { storeBatch } from "../../services/result-worker/store-batch.ts";
import { schedulerDefaults } from "../../services/scheduler/env.ts";
import { runScheduler } from "../../services/scheduler/run.ts";
import { readSchedulerStatus } from "../../services/webui/store/scheduler-status.ts";
import { getTask } from "../../services/webui/store/task-queries.ts";
import { anyChange, anyJson, fewerRuns, storableText } from "../fixtures/arbitraries.ts";
import { addProject, ask, ENGINES, type TestDatabase } from "../fixtures/database.ts";
import { follow, toOutcome } from "../fixtures/pipeline.ts";
import { quietLog } from "../fixtures/sandbox.ts";
import { until } from "../fixtures/until.ts";

type OrderLease = Lease<"scheduler2fetcher">;
/** A refused message's task stays in flight, and a failed one pauses no project. */
const SETTINGS = { ...schedulerDefaults, failuresToPause: 0, credit: { tasks: 1e6, tasksPerProject: 1e6, bytes: Number.MAX_VALUE } };
/** Tasks that are asked for together. */
const BATCH = 50;

/** A real scheduler, and this test in the place of all workers. */
async function startCrawl({ database, scheduler }: TestDatabase) {
  const queues = createMemoryQueues();
  const stop = new AbortController();
  await addProject(database, "books");
  const done = runScheduler({ database: scheduler, queues, settings: SETTINGS, signal: stop.signal, log: quietLog });
  const end = (leased: OrderLease, ...outcomes: (Outcome | undefined)[]) =>
    queues.complete([
      { lease: leased, puts: outcomes.filter((one) => one !== undefined).map((message) => ({ queue: "status_queue", message })) },
    ]);
  const ready: OrderLease[] = [];
  const next = async () => {
    ready.push(...(ready.length > 0 ? [] : await queues.lease("scheduler2fetcher", { max: BATCH, waitMs: 10_000, signal: stop.signal })));
    const [leased] = ready.splice(0, 1);
    assert.ok(leased, "the scheduler hands out no more tasks");
    return leased;
  };
  const asked = await next();
  await end(asked, toOutcome(asked.message, { info: { fetchDefaults: {}, every: [], hasOnFinished: false } }, "info"));
  let tasks = 0;
  return {
    end,
    poke: () => queues.put([{ queue: "status_queue", message: { kind: "poke" } }]),
    /** An order for a task of this crawl's own; what outcomes ask for is answered at once. */
    async begin() {
      if (tasks % BATCH === 0) {
        const follows = Array.from({ length: BATCH }, (_, index) => follow(`own${tasks + index}`));
        await ask(database, { kind: "follows", project: "books", follows });
        await queues.put([{ queue: "status_queue", message: { kind: "poke" } }]);
      }
      const taskid = `own${tasks++}`;
      for (;;) {
        const leased = await next();
        if (leased.message.taskid === taskid) return leased;
        await end(leased, toOutcome(leased.message, {}, leased.id));
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
      await queues.close();
    },
  };
}

/** A role's result for a message of another role that was changed: undefined if it is refused. */
function carried(queue: "processor2result" | "status_queue", outcome: Outcome, change: (value: unknown) => unknown = (value) => value) {
  const { text } = encodeMessage({ queue, message: outcome });
  const changed = JSON.stringify(change(JSON.parse(text))) ?? "";
  try {
    const { message } = decodeMessage(queue, [Buffer.from("m"), Buffer.from(changed)]);
    return message.kind === "outcome" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Everything that a script chooses, and the fields that hold it. The sandbox replaces what Postgres refuses in logs. */
const given = fc.record({
  save: anyJson,
  stored: anyJson,
  rows: fc.array(anyJson, { maxLength: 3 }),
  logs: storableText,
  message: anyJson,
});
type Given = typeof given extends fc.Arbitrary<infer T> ? T : never;

function outcomeOf(order: FetchOrder, { save, stored, rows, logs, message }: Given): Outcome {
  const outcome = toOutcome(order, { stored, results: rows.map((row) => JSON.stringify(row)) }, "run");
  const error = { code: "E_SCRIPT", message: logs, retryable: false };
  return {
    ...outcome,
    fetch: { ...outcome.fetch, etag: logs },
    process: { ...outcome.process, logs, error },
    follows: [{ ...follow(`${order.taskid}-next`, { exetime: 4e9 }), save }],
    messages: [{ project: "books", url: "data:,x", message }].slice(0, message === null ? 1 : 0),
  };
}

/** One of each kind. */
const REQUESTS: InboxRequest[] = [
  {
    kind: "follows",
    project: "other",
    follows: [
      {
        ...follow("a", { priority: 1, retries: 2, exetime: 3, age: 4, itag: "5", forceUpdate: true }),
        fetch: { method: "POST", headers: { a: "b" }, data: "text" },
        save: { any: ["thing"] },
      },
      follow("b", { cancel: true, forceUpdate: true }),
    ],
  },
  { kind: "project", project: "other" },
  { kind: "rerun", project: "other", taskid: "a" },
  { kind: "rerunFailed", project: "other" },
  { kind: "rerunSelected", project: "other", selection: { callback: "page", code: "E_SCRIPT", url: "/a*" }, keptPages: true },
  { kind: "clear", project: "other" },
  { kind: "delete", project: "other" },
];

for (const { engine, skip, open } of ENGINES) {
  test(`a script's results are stored unchanged, without losing those of other tasks, on ${engine}`, { skip }, async () => {
    await using store = await open();
    const { database } = store;
    await using crawl = await startCrawl(store);
    const { epoch } = await readSchedulerStatus(database);

    await fc.assert(
      fc.asyncProperty(given, async (gives) => {
        const leased = await crawl.begin();
        const { taskid } = leased.message;
        const stored = carried("processor2result", outcomeOf(leased.message, gives));
        assert.ok(stored);

        assert.deepEqual(await storeOutcomes(database, [stored], 1), [true]);
        await crawl.end(leased, carried("status_queue", { ...stored, results: null }));
        const next = await until("what it asked for is there", () => getTask(database, "books", `${taskid}-next`));

        const rows = await database.query<{ result: string }>(
          "select result::text as result from results where taskid = $1 order by index",
          [taskid],
        );
        assert.deepEqual(
          rows.map(({ result }) => JSON.parse(result)),
          gives.rows,
        );
        const task = await getTask(database, "books", taskid);
        assert.deepEqual([next?.save ?? null, task?.stored ?? null, task?.track?.process?.logs], [gives.save, gives.stored, gives.logs]);
      }),
      fewerRuns(0.1),
    );

    assert.equal((await readSchedulerStatus(database)).epoch, epoch);
  });

  test(`a modified outcome stops neither result-worker nor scheduler, on ${engine}`, { skip }, async () => {
    await using store = await open();
    const { database } = store;
    await using crawl = await startCrawl(store);
    const { epoch } = await readSchedulerStatus(database);

    await fc.assert(
      fc.asyncProperty(given, anyChange, anyChange, async (gives, first, second) => {
        const leased = await crawl.begin();
        const outcome = outcomeOf(leased.message, gives);
        const taken = carried("processor2result", outcome, first);
        const held = { queue: "processor2result" as const, id: "1", deliveries: 1 };
        if (taken) await storeBatch([{ ...held, message: taken }], (outcomes) => storeOutcomes(database, outcomes, 1));

        // The second ends what the first may have been refused for: what is in flight for ever keeps others from going out.
        const whole = toOutcome(leased.message, {}, leased.id);
        await crawl.end(leased, carried("status_queue", { ...outcome, results: null }, second), whole);

        assert.equal((await readSchedulerStatus(database)).epoch, epoch);
      }),
      fewerRuns(0.3),
    );

    await crawl.end(await crawl.begin(), undefined);
    assert.equal((await readSchedulerStatus(database)).epoch, epoch);
  });

  test(`a modified inbox row does not stop the scheduler, on ${engine}`, { skip }, async () => {
    await using store = await open();
    const { database } = store;
    await using crawl = await startCrawl(store);
    await addProject(database, "other");
    const { epoch } = await readSchedulerStatus(database);

    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...REQUESTS), anyChange, anyChange, async (request, first, second) => {
        for (const change of [first, second])
          await database.query("insert into inbox (request) values ($1::json)", [JSON.stringify(change(request)) ?? "null"]);
        await crawl.poke();
        await until("the rows are worked off", async () => (await database.query("select 1 from inbox")).length === 0);

        assert.equal((await readSchedulerStatus(database)).epoch, epoch);
      }),
      fewerRuns(0.1),
    );

    await crawl.end(await crawl.begin(), undefined);
    assert.equal((await readSchedulerStatus(database)).epoch, epoch);
  });
}

/**
 * Question: how many tasks a second go through the store from new to done: inserted, dispatched, result stored, ended?
 * Workload: 20,000 tasks in batches of 250, each batch in the transactions that scheduler and result-worker use.
 * Run:      ./orb bench store-embedded store-postgres        (one process a sample)
 * Reports:  tasks/s and CPU seconds a thousand tasks of that process, the embedded database with it, Postgres without.
 * Compare:  plain upserts in batches are the limit.
 * Not:      several processes at one database.
 */

import { TASK_QUEUE, TASK_STATUS } from "../../services/core/protocol/task.ts";
import { openEmbedded } from "../../services/core/store/embedded.ts";
import { connectPostgres } from "../../services/core/store/postgres.ts";
import type { Database } from "../../services/core/store/sql.ts";
import { storeOutcomes } from "../../services/result-worker/results.ts";
import { ALL_DUE, dispatchDue, endTasks, insertTasks, type TaskRow } from "../../services/scheduler/store/scheduling.ts";
import { toOutcome } from "../fixtures/pipeline.ts";
import { startPostgres } from "../fixtures/postgres-server.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { report, startWatch } from "./stop-watch.ts";

const TASKS = 20_000;
const WARM_UP_TASKS = 1_000;
const BATCH = 250;
const RESULT = JSON.stringify({ title: "Page 1", links: Array.from({ length: 20 }, (_, n) => `http://127.0.0.1:8080/page/${n}`) });

using directory = temporaryDirectory();
await using postgres = process.argv[2] === "postgres" ? await startPostgres({ fsync: true }) : undefined;
const database = postgres ? await connectPostgres(postgres.url) : await openEmbedded(`${directory.path}/postgres`);

await passThrough(database, 0, WARM_UP_TASKS);
const watch = startWatch();
await passThrough(database, WARM_UP_TASKS, TASKS);
report("tasks", TASKS, watch());
await database.close();

async function passThrough(database: Database, first: number, tasks: number): Promise<void> {
  for (let done = 0; done < tasks; done += BATCH) {
    const now = Date.now() / 1_000;
    const rows = Array.from({ length: BATCH }, (_, n) => taskRow(first + done + n));
    const dispatched = await database.transaction(async (sql) => {
      await insertTasks(sql, rows, now);
      return dispatchDue(sql, [{ project: "bench", count: BATCH, ...ALL_DUE }], now + 3_600);
    });
    const order = { fetch: {}, scriptHash: "", debug: false, save: undefined, stored: undefined };
    const outcomes = dispatched.map((task) => toOutcome({ ...task, ...order }, { results: [RESULT] }, "run"));
    await storeOutcomes(database, outcomes, now);
    const ends = outcomes.map(({ project, taskid, attempt, fetch, process }) => ({
      ...{ project, taskid, attempt, status: TASK_STATUS.SUCCESS, queue: null, exetime: 0, retried: 0 },
      ...{ track: { fetch, process, scriptHash: "" }, hasStored: false, lastcrawltime: now },
    }));
    await database.transaction((sql) => endTasks(sql, ends, now));
  }
}

function taskRow(n: number): TaskRow {
  const place = { queue: TASK_QUEUE.due, priority: 0, exetime: 0 };
  return {
    project: "bench",
    taskid: `task-${n}`,
    url: `http://site.test/page/${n}`,
    ...place,
    schedule: {},
    fetch: {},
    process: { callback: "page" },
  };
}

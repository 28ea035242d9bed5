/** A new scheduler loads the known tasks in the background, so that links to them cost no look-up. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import type { Database, Sql } from "../../services/core/store/sql.ts";
import { SeenTasksLoader } from "../../services/scheduler/seen-tasks-loader.ts";
import { SchedulerState } from "../../services/scheduler/state.ts";
import { readProjects } from "../../services/scheduler/store/scheduler-projects.ts";
import { addProject, ask, ENGINES, type TestDatabase } from "../fixtures/database.ts";
import { follow } from "../fixtures/pipeline.ts";
import { openScheduling } from "../fixtures/scheduling.ts";
import { until } from "../fixtures/until.ts";

/** More than the first step reads. */
const TASKS = 1_700;
/** Of a project. */
const taskids = (prefix: string) => Array.from({ length: TASKS }, (_, n) => `${prefix}${n}`);

async function readState(sql: Sql): Promise<SchedulerState> {
  const state = new SchedulerState();
  for (const record of await readProjects(sql)) state.setRecord(record);
  return state;
}

const countKnown = (state: SchedulerState, project: string) => taskids(project).filter((id) => state.seen.has(project, id)).length;

for (const { engine, skip, open } of ENGINES) {
  describe(`loading of seen tasks from ${engine}`, { skip }, () => {
    let store: TestDatabase;
    before(async () => {
      store = await open();
    });
    afterEach(() => store.reset());
    after(() => store[Symbol.asyncDispose]());

    async function addKnown(project: string): Promise<void> {
      await addProject(store.database, project);
      await store.database.query(
        `insert into tasks (project, taskid, url, status, process, updatetime)
         select $1, $1::text || n, 'http://site.test/' || n, 2, '{}', 0 from generate_series(0, $2 - 1) as n`,
        [project, TASKS],
      );
    }

    test("every task of running projects is loaded once, and a stopped project's tasks after its restart", async () => {
      for (const name of ["one", "two", "stopped"]) await addKnown(name);
      await store.database.exec("update projects set status = 'STOP' where name = 'stopped'");
      const { database, recalled } = watch(store.database);
      const state = await readState(database);
      const loader = new SeenTasksLoader(state);
      const recallAll = async () => {
        while (await loader.step(database));
        return { ids: recalled(), known: ["one", "two", "stopped"].filter((name) => countKnown(state, name) > TASKS * 0.97) };
      };

      const whileStopped = await recallAll();
      await database.exec("update projects set status = 'RUNNING' where name = 'stopped'");
      for (const record of await readProjects(database)) state.setRecord(record);
      const inTheEnd = await recallAll();

      assert.deepEqual(whileStopped, { ids: 2 * TASKS, known: ["one", "two"] });
      assert.deepEqual(inTheEnd, { ids: 3 * TASKS, known: ["one", "two", "stopped"] });
    });

    test("after loading, links to known tasks are not looked up, and new links are inserted", async () => {
      await addKnown("books");
      const { database, lookedUp, recalled } = watch(store.database);
      await using scheduling = openScheduling({ database, scheduler: database }, ({ taskid }) =>
        taskid === "list" ? { follows: [...taskids("books").slice(0, 100), "new"].map((id) => follow(id)) } : {},
      );
      scheduling.startScheduler();
      await until("all known tasks are recalled", () => recalled() >= TASKS);

      await ask(store.database, { kind: "follows", project: "books", follows: [follow("list")] });
      await until("the new link is followed", () => scheduling.pages().includes("new"));

      const known = lookedUp().filter((id) => id.startsWith("books")).length;
      assert.ok(known <= 5, `${known} of 100 were looked up`);
    });
  });
}

/** Remembers which tasks were asked to be inserted where they are missing, and how many ids were recalled. */
function watch(database: Database) {
  const inserts: string[] = [];
  let recalled = 0;
  const watched = (sql: Sql): Sql => ({
    exec: (text) => sql.exec(text),
    async query<R extends object>(text: string, params?: unknown[]) {
      if (text.startsWith("insert into tasks"))
        inserts.push(...JSON.parse(String(params?.[0])).map((row: { taskid: string }) => row.taskid));
      const rows = await sql.query<R>(text, params);
      if (text.includes("json_agg(taskid)")) recalled += (rows[0] as { ids: string[] }).ids.length;
      return rows;
    },
  });
  return {
    database: {
      ...watched(database),
      transaction: <T>(work: (sql: Sql) => Promise<T>) => database.transaction((sql) => work(watched(sql))),
      close: () => database.close(),
    },
    lookedUp: () => inserts,
    recalled: () => recalled,
  };
}

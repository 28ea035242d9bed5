/** Which compiled scripts the scheduler keeps in the queue server. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { addProject, ask, openTestEmbedded, type TestDatabase } from "../fixtures/database.ts";
import { follow } from "../fixtures/pipeline.ts";
import { openScheduling } from "../fixtures/scheduling.ts";
import { until } from "../fixtures/until.ts";

let store: TestDatabase;
before(async () => {
  store = await openTestEmbedded();
});
afterEach(() => store.reset());
after(() => store[Symbol.asyncDispose]());

const hashesOf = async (queues: ReturnType<typeof openScheduling>["queues"]) =>
  (await queues.listScripts()).map(({ project, hash }) => `${project} ${hash}`);

const saveScript = async (project: string, hash: string) => {
  await store.database.query("update projects set compiled = $2, script_hash = $2 where name = $1", [project, hash]);
  await ask(store.database, { kind: "project", project });
};

test("after 44 saved versions of a project, its newest version and versions in use remain", async () => {
  await using scheduling = openScheduling(store, () => ({}));
  scheduling.startScheduler();
  await addProject(store.database, "honest", { hash: "honest" });
  await addProject(store.database, "books", { hash: "v0" });
  await until("both are asked", () => scheduling.orders.length === 2);

  for (let version = 1; version <= 44; version++) {
    await saveScript("books", `v${version}`);
    await scheduling.queues.put([{ queue: "status_queue", message: { kind: "poke" } }]);
    await until("the new script is asked", () => scheduling.orders.at(-1)?.scriptHash === `v${version}`);
  }
  await ask(store.database, { kind: "follows", project: "honest", follows: [follow("a")] });
  await until("the honest page has left", () => scheduling.pages().includes("a"));

  const left = await hashesOf(scheduling.queues);
  assert.equal(left.includes("honest honest") && left.includes("books v44"), true);
  assert.equal(left.length <= 3, true, `${left}`);
});

for (const code of ["E_SCRIPT_MISSING", "E_SCRIPT_HASH"]) {
  test(`a script whose task failed with ${code} is put into the queue server again`, async () => {
    await using scheduling = openScheduling(store, ({ taskid, retried }) => (taskid === "a" && retried === 0 ? { fails: true, code } : {}));
    scheduling.startScheduler({ defaultRetryDelaysSeconds: [0] });
    await addProject(store.database, "books", { hash: "books" });
    await until("the script is asked", () => scheduling.orders.length === 1);
    await scheduling.queues.putScript({ hash: "books", project: "books", compiled: "forged" });

    await ask(store.database, { kind: "follows", project: "books", follows: [follow("a")] });
    await until("the task runs again", () => scheduling.pages().length === 2);

    assert.equal(await scheduling.queues.getScript("books"), "");
  });
}

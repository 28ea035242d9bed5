import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { Database, Sql } from "../../../services/core/store/sql.ts";
import { until } from "../../fixtures/until.ts";
import { addDeadLetters, addTask, SCRIPT, startTestWebui, TOKEN } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile();

beforeEach(() => store.reset());

const inbox = async () =>
  (await store.database.query<{ request: object }>("select request from inbox order by id")).map(({ request }) => request);

test("a project is created with defaults, and can be listed, changed and read", async () => {
  const created = await webui.request("PUT", "/projects/books", { script: SCRIPT, comments: "first" });
  const changed = await webui.request("PUT", "/projects/books", { rate: 2.5, status: "RUNNING", group: "shop" });
  const { json: read } = await webui.request("GET", "/projects/books");
  const { json: listed } = await webui.request("GET", "/projects");

  assert.equal(created.status, 201);
  assert.partialDeepStrictEqual(created.json, { name: "books", status: "TODO", rate: 1, burst: 3, comments: "first", isPaused: false });
  assert.equal(changed.status, 200);
  assert.partialDeepStrictEqual(read, { status: "RUNNING", rate: 2.5, burst: 3, group: "shop", comments: "first", script: SCRIPT });
  assert.match(read.scriptHash, /^[0-9a-f]{64}$/);
  assert.deepEqual(Object.keys(listed[0]).includes("script"), false);
});

test("projects and counters are filtered by name; a project that does not exist is left out", async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
  await webui.request("PUT", "/projects/shoes", { script: SCRIPT });
  await store.database.exec("insert into project_totals (project, pending, success, failed) values ('books', 1, 2, 3), ('shoes', 4, 5, 6)");
  const read = async (path: string) => (await webui.request("GET", path)).json;

  const [one] = await read("/projects");
  const shoes = await read("/counters?project=shoes");

  assert.deepEqual(await read("/projects?name=books"), [one]);
  assert.deepEqual(await read("/projects?name=no"), []);
  assert.deepEqual(await read("/projects?name=no%2Fname%20at%20all"), []);
  assert.deepEqual(Object.keys(shoes), ["shoes"]);
  assert.deepEqual(shoes.shoes.all, { pending: 4, success: 5, failed: 6, skipped: {} });
  assert.deepEqual(await read("/counters?project=constructor"), {});
  assert.equal((await webui.request("GET", "/projects?name=%00")).status, 400);
});

test("every write adds an inbox row and wakes the scheduler", async () => {
  const { ready: before } = (await webui.queues.depth()).status_queue;
  await webui.request("PUT", "/projects/books", { script: SCRIPT, status: "DEBUG" });
  const run = await webui.request("POST", "/projects/books/run");
  const deleted = await webui.request("DELETE", "/projects/books");

  assert.deepEqual([run.status, deleted.status], [202, 202]);
  const [put, start, gone] = await inbox();
  assert.deepEqual(put, { kind: "project", project: "books" });
  assert.partialDeepStrictEqual(start, {
    kind: "follows",
    follows: [{ taskid: "on_start", process: { callback: "onStart" }, schedule: { forceUpdate: true } }],
  });
  assert.deepEqual(gone, { kind: "delete", project: "books" });
  await until("a poke is queued for every write", async () => (await webui.queues.depth()).status_queue.ready === before + 3);
});

test("requests to run a task or all failed tasks, to clear, or to send a message go to the scheduler", async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT, status: "RUNNING" });
  await addTask(store.database, { project: "books", taskid: "a/b", status: 3, updatetime: 1 });
  await store.database.exec("delete from inbox");

  const answers = [
    await webui.request("POST", `/tasks/books/${encodeURIComponent("a/b")}/run`),
    await webui.request("POST", "/projects/books/rerun-failed"),
    await webui.request("POST", "/projects/books/clear"),
    await webui.request("POST", "/projects/books/messages", { message: { a: [1] }, url: "data:,about" }),
  ];

  assert.deepEqual(
    answers.map(({ status }) => status),
    [202, 202, 202, 202],
  );
  const [rerun, rerunFailed, clear, message] = await inbox();
  assert.deepEqual(
    [rerun, rerunFailed, clear],
    [
      { kind: "rerun", project: "books", taskid: "a/b" },
      { kind: "rerunFailed", project: "books" },
      { kind: "clear", project: "books" },
    ],
  );
  assert.partialDeepStrictEqual(message, {
    kind: "follows",
    follows: [
      { url: "data:,on_message", process: { callback: "onMessage" }, save: { project: "", message: { a: [1] }, url: "data:,about" } },
    ],
  });
});

test("invalid requests are refused: for a stopped project, an unknown task, or an invalid message", async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
  await addTask(store.database, { project: "books", taskid: "a", status: 3, updatetime: 1 });
  const deep = Array.from({ length: 300 }).reduce((value) => [value], {});

  const answers = [
    await webui.request("POST", "/tasks/books/a/run"),
    await webui.request("POST", "/tasks/books/none/run"),
    await webui.request("POST", "/projects/books/rerun-failed"),
    await webui.request("POST", "/projects/none/clear"),
    await webui.request("POST", "/projects/books/messages", { url: "data:,x" }),
    await webui.request("POST", "/projects/books/messages", { message: deep }),
  ];

  assert.deepEqual(
    answers.map(({ status, json }) => `${status} ${json.error.code}`),
    ["409 E_PROJECT_INACTIVE", "404 E_NOT_FOUND", "409 E_PROJECT_INACTIVE", "404 E_NOT_FOUND", "400 E_BAD_INPUT", "400 E_BAD_INPUT"],
  );
  assert.equal((await inbox()).length, 1);
});

test("a locked project runs, but cannot be changed, cleared or deleted until it is unlocked", async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT, group: "shop, lock", status: "RUNNING" });

  const refused = [
    await webui.request("PUT", "/projects/books", { rate: 2 }),
    await webui.request("PUT", "/projects/books", { rate: 2, group: "LOCK" }),
    await webui.request("POST", "/projects/books/clear"),
    await webui.request("DELETE", "/projects/books"),
  ];
  const run = await webui.request("POST", "/projects/books/run");
  const unlocked = await webui.request("PUT", "/projects/books", { rate: 2, group: "shop" });

  assert.deepEqual(
    refused.map(({ status, json }) => `${status} ${json.error.code}`),
    Array(4).fill("423 E_PROJECT_LOCKED"),
  );
  assert.deepEqual([run.status, unlocked.status, unlocked.json.rate], [202, 200, 2]);
});

test("a project that is not running refuses a run and names the remedy", async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT });

  const run = await webui.request("POST", "/projects/books/run");

  assert.equal(run.status, 409);
  assert.partialDeepStrictEqual(run.json, { error: { code: "E_PROJECT_INACTIVE" } });
  assert.equal((await inbox()).length, 1);
});

test("a change reads the project's row once, with its lock", async () => {
  const reads: string[] = [];
  const watched = (sql: Sql): Sql => ({
    exec: (text) => sql.exec(text),
    query: (text, params) => {
      if (/^\s*select\b.*\bfrom projects\b/s.test(text)) reads.push(text);
      return sql.query(text, params);
    },
  });
  const { database } = store;
  const watching: Database = {
    ...watched(database),
    transaction: (work) => database.transaction((sql) => work(watched(sql))),
    close: () => database.close(),
  };
  await using other = await startTestWebui(watching);

  const made = await other.request("PUT", "/projects/books", { script: SCRIPT, group: "a" });
  const changed = await other.request("PUT", "/projects/books", { group: "b" });

  assert.deepEqual([made.status, made.json.group, changed.status, changed.json.group], [201, "a", 200, "b"]);
  assert.deepEqual([reads.length, reads.every((text) => text.endsWith("for update"))], [2, true]);
  assert.deepEqual(changed.json, (await webui.request("GET", "/projects/books")).json);
});

test("a body that is nested too deeply to serialize is refused like any other", async () => {
  const deep = (text: string) => `${text.repeat(100_000)}1${(text === "[" ? "]" : "}").repeat(100_000)}`;

  for (const [method, path, body, expectedStatus = 400, expectedCode = "E_BAD_INPUT"] of [
    ["PUT", "/projects/books", deep("[")],
    ["PUT", "/projects/books", `{"comments":${deep('{"a":')}}`],
    ["POST", "/login", `{"token":${deep("[")}}`, 413, "E_BODY_TOO_LARGE"],
  ] as const) {
    const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
    const { status, json } = await webui.anonymous(method, path, { body, headers });

    assert.deepEqual([status, json.error.code], [expectedStatus, expectedCode]);
  }
});

for (const path of ["/tasks/books/%00", "/tasks/books/%ff", "/tasks/books/%00/run", "/projects/books/tasks?after=1:%00", "/projects/%"]) {
  test(`${path} is refused as input, because it is invalid text`, async () => {
    await webui.request("PUT", "/projects/books", { script: SCRIPT });

    const { status, json } = await webui.request(path.endsWith("run") ? "POST" : "GET", path);

    assert.deepEqual([status, json.error.code], [400, "E_BAD_INPUT"]);
  });
}

test("a task with an id of the maximum length is shown", async () => {
  const taskid = "€".repeat(255);
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
  await addTask(store.database, { project: "books", taskid, status: 2, updatetime: 10 });

  const { status, json } = await webui.request("GET", `/tasks/books/${encodeURIComponent(taskid)}`);

  assert.deepEqual([status, json.taskid], [200, taskid]);
});

test("tasks are listed newest first, by page and by status, without internal tasks", async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
  for (const [taskid, status, updatetime] of [
    ["a", 2, 10.5],
    ["b", 3, 10.5],
    ["c", 1, 12],
    ["_every", 2, 13],
  ] as const) {
    await addTask(store.database, { project: "books", taskid, status, updatetime });
  }

  const { json: first } = await webui.request("GET", "/projects/books/tasks?limit=2");
  const { json: second } = await webui.request("GET", `/projects/books/tasks?limit=2&after=${encodeURIComponent(first.next)}`);
  const { json: failed } = await webui.request("GET", "/projects/books/tasks?status=FAILED");
  const { json: one } = await webui.request("GET", "/tasks/books/b");

  const ids = ({ tasks }: { tasks: { taskid: string }[] }) => tasks.map(({ taskid }) => taskid);
  assert.deepEqual([ids(first), ids(second), ids(failed)], [["c", "a"], ["b"], ["b"]]);
  assert.equal(second.next, null);
  assert.partialDeepStrictEqual(first.tasks[0], { status: "ACTIVE", queue: "due", statusCode: 200 });
  assert.partialDeepStrictEqual(one, {
    status: "FAILED",
    queue: null,
    track: { process: { logs: "hello from page\n\0\ud800" } },
    process: { callback: "page" },
  });
});

test("counters sum the events of each window and include current totals", async () => {
  const now = Math.floor(Date.now() / 10_000) * 10;
  await store.database.exec(`
    insert into counters (project, at, pending, success, retry, failed, fetch_ms, process_ms) values
      ('books', ${now}, 1, 2, 1, 1, 400, 40), ('books', ${now - 1_000}, 10, 10, 0, 0, 1000, 100), ('books', ${now - 90_000}, 5, 5, 5, 5, 1, 1);
    insert into project_totals values ('books', 7, 12, 1)`);

  const {
    json: { books },
  } = await webui.request("GET", "/counters");

  assert.deepEqual(books["5m"], { pending: 1, success: 2, retry: 1, failed: 1, fetchMs: 100, processMs: 10 });
  assert.partialDeepStrictEqual(books["1h"], { pending: 11, success: 12 });
  assert.partialDeepStrictEqual(books["1d"], { pending: 11, success: 12 });
  assert.deepEqual(books.all, { pending: 7, success: 12, failed: 1, skipped: {} });
});

test("a project's activity has whole steps of the window, and none of other projects", async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
  const minute = Math.floor(Date.now() / 60_000) * 60;
  await store.database.exec(`
    delete from counters;
    insert into counters (project, at, success, retry, failed, fetch_ms, process_ms) values
      ('books', ${minute - 60}, 2, 0, 1, 300, 30), ('books', ${minute - 50}, 1, 0, 0, 100, 10), ('books', ${minute - 120}, 0, 4, 0, 40, 4),
      ('books', ${minute - 7_200}, 9, 9, 9, 9, 9), ('shoes', ${minute - 60}, 50, 0, 0, 1, 1)`);

  const { json: hour } = await webui.request("GET", "/projects/books/activity");
  const { json: day } = await webui.request("GET", "/projects/books/activity?window=1d");
  const wrong = await webui.request("GET", "/projects/books/activity?window=all");
  const none = await webui.request("GET", "/projects/none/activity");

  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  // A minute may begin between here and there.
  const at = hour.success.lastIndexOf(3);
  assert.equal(hour.from + at * hour.seconds, minute - 60);
  assert.deepEqual([hour.seconds, hour.success.length, sum(hour.success), sum(hour.failed), hour.retry[at - 1]], [60, 60, 3, 1, 4]);
  assert.deepEqual([hour.fetchMs[at], hour.processMs[at], hour.fetchMs[at - 1], hour.fetchMs[at - 2]], [100, 10, 10, null]);
  assert.deepEqual([day.seconds, day.success.length], [900, 96]);
  assert.ok(sum(day.success) >= 9);
  assert.deepEqual([wrong.status, none.status], [400, 404]);
});

test("queues and cluster show waiting messages and the active scheduler", async () => {
  const { json: queues } = await webui.request("GET", "/queues");
  const { json: cluster } = await webui.request("GET", "/cluster");

  assert.deepEqual(queues.fetcher2processor, { ready: 0, leased: 0 });
  assert.partialDeepStrictEqual(cluster, { scheduler: { isActive: false }, queues: { isConnected: true } });
});

test("the processes are listed; ./orb start is one", async () => {
  const { json: replicas } = await webui.request("GET", "/replicas");

  assert.deepEqual(
    replicas.map(({ role, held }: { role: string; held: number }) => [role, held]),
    [["all", 0]],
  );
});

test("dead letters and rejected requests are listed with their evidence, the newest first", async () => {
  const { database } = store;
  await addTask(database, { project: "books", taskid: "known", status: 3, updatetime: 1 });
  const dead = { queue: "fetcher2processor", deliveries: 5, reason: "y".repeat(600) };
  await addDeadLetters(database, [
    { project: "books", taskid: "known", time: 10, evidence: dead },
    { project: "gone", taskid: "deleted", time: 11, evidence: dead },
  ]);
  await database.query("insert into rejected_requests (id, request, reason, time) values (7, '{', 'no JSON', 12)");

  const { status, json } = await webui.request("GET", "/dead-letters");

  const evidence = { ...dead, reason: "y".repeat(500) };
  assert.equal(status, 200);
  assert.deepEqual(json.messages, [
    { project: "gone", taskid: "deleted", url: null, time: 11, ...evidence },
    { project: "books", taskid: "known", url: "http://books.test/known", time: 10, ...evidence },
  ]);
  assert.deepEqual(json.requests, [{ id: 7, request: "{", reason: "no JSON", time: 12 }]);
});

test("the OpenAPI document describes every route with its input", async () => {
  const { json: document } = await webui.anonymous("GET", "/openapi.json");

  const put = document.paths["/api/v1/projects/{name}"].put;
  assert.deepEqual(Object.keys(put.requestBody.content["application/json"].schema.properties), [
    "script",
    "status",
    "rate",
    "burst",
    "group",
    "comments",
    "keepPages",
    "ifSourceHash",
  ]);
  assert.equal(put.requestBody.content["application/json"].schema.additionalProperties, false);
  assert.deepEqual(
    document.paths["/api/v1/projects/{name}/results"].get.parameters.map(({ name }: { name: string }) => name),
    ["name", "format", "limit", "before", "search", "fields", "since", "notSince", "guard", "bom"],
  );
  assert.ok(document.paths["/api/v1/cluster"]);
});

test("unknown routes, unsupported methods and invalid bodies are refused as JSON, with the remedy", async () => {
  const refusals = await Promise.all([
    webui.request("GET", "/nothing"),
    webui.request("GET", "/projects/none"),
    webui.request("PATCH", "/projects/books"),
    webui.request("PUT", "/projects/books", { script: "x".repeat(2_100_000) }),
    webui.anonymous("POST", "/login", { body: "token=x", headers: { "content-type": "application/x-www-form-urlencoded" } }),
    webui.anonymous("POST", "/login", { body: "{", headers: { "content-type": "application/json" } }),
  ]);

  const answers = refusals.map(({ status, json }) => `${status} ${json.error.code}`);
  assert.deepEqual(answers, [
    "404 E_NOT_FOUND",
    "404 E_NOT_FOUND",
    "405 E_METHOD_NOT_ALLOWED",
    "413 E_BODY_TOO_LARGE",
    "415 E_MEDIA_TYPE",
    "400 E_BAD_INPUT",
  ]);
  assert.equal(refusals[2]?.headers.get("allow"), "GET, PUT, DELETE");
});

test("a message can have the maximum length that scripts can send, and no more", async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
  const send = (length: number) => webui.request("POST", "/projects/books/messages", { message: "x".repeat(length) });

  const [fine, long] = [await send(65_000), await send(66_000)];

  assert.deepEqual([fine.status, long.status, long.json.error.problems[0].path], [202, 400, "message"]);
});

/** Saving a script of a project. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { addTask, SCRIPT } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile();

beforeEach(() => store.reset());

const inbox = async () =>
  (await store.database.query<{ request: object }>("select request from inbox order by id")).map(({ request }) => request);

test("a saved script is stored compiled, under the hash that the API returns", async () => {
  const { json: saved } = await webui.request("PUT", "/projects/books", { script: SCRIPT });

  const [row] = await store.database.query<{ hash: string }>(
    "select encode(sha256(convert_to(compiled, 'UTF8')), 'hex') as hash from projects",
  );

  assert.equal(row?.hash, saved.scriptHash);
});

test("a save from another script than the stored one is refused, and changes nothing", async () => {
  const { json: opened } = await webui.request("PUT", "/projects/books", { script: SCRIPT });
  const { json: other } = await webui.request("PUT", "/projects/books", { script: `${SCRIPT}// other`, ifSourceHash: opened.sourceHash });

  const refused = await webui.request("PUT", "/projects/books", { script: `${SCRIPT}// mine`, ifSourceHash: opened.sourceHash });
  const { json: stored } = await webui.request("GET", "/projects/books");
  const forced = await webui.request("PUT", "/projects/books", { script: `${SCRIPT}// mine`, ifSourceHash: other.sourceHash });

  assert.deepEqual([refused.status, refused.json.error.code], [409, "E_SCRIPT_CONFLICT"]);
  assert.equal(stored.script, `${SCRIPT}// other`);
  assert.equal(forced.status, 200);
});

test("a new script changes a running project to CHECKING; the same script does not", async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT, status: "RUNNING" });

  const { json: same } = await webui.request("PUT", "/projects/books", { script: SCRIPT });
  const { json: other } = await webui.request("PUT", "/projects/books", { script: `${SCRIPT}\n` });

  assert.equal(same.status, "RUNNING");
  assert.equal(other.status, "CHECKING");
});

test("a script that fails at loading is shown with its project until another is saved", async () => {
  const { json: saved } = await webui.request("PUT", "/projects/books", { script: SCRIPT, status: "RUNNING" });
  const error = { code: "E_SCRIPT", message: "TypeError: @cron never comes (books.ts:3:3)", retryable: true };
  await addTask(store.database, { project: "books", taskid: "_on_get_info", status: 1, updatetime: 1 });
  await store.database.query("update tasks set track = $1", [JSON.stringify({ process: { error }, scriptHash: saved.scriptHash })]);

  const { json: listed } = await webui.request("GET", "/projects");
  const mending = { script: SCRIPT.replace('"a"', '"b"'), status: "RUNNING" };
  const { json: fixed } = await webui.request("PUT", "/projects/books", mending);

  assert.deepEqual([listed[0].scriptError, fixed.scriptError], [error, null]);
});

test("all invalid fields of a project and its script are reported at once, and nothing is written", async () => {
  const answer = await webui.request("PUT", "/projects/books", {
    script: "export default class { onStart( }",
    status: "ON",
    rate: 11,
    burst: "many",
    grp: "x",
  });

  const { error } = answer.json;
  assert.equal(answer.status, 400);
  assert.equal(error.code, "E_BAD_INPUT");
  const paths = error.problems.map(({ path }: { path: string }) => path);
  assert.deepEqual(paths.slice(0, 4).sort(), ["burst", "grp", "rate", "status"]);
  assert.match(paths[4], /^books\.ts:1:\d+$/);
  const rate = error.problems.find(({ path }: { path: string }) => path === "rate");
  assert.deepEqual(rate, { path: "rate", value: 11, remedy: "write a number from 0 to 10" });
  assert.deepEqual((await webui.request("GET", "/projects")).json, []);
});

test("a new project without a script, a body that is not an object, and an invalid name are refused, and nothing is written", async () => {
  const answers = await Promise.all([
    webui.request("PUT", "/projects/books", { rate: 1 }),
    webui.request("PUT", "/projects/books", ["x"]),
    webui.request("PUT", "/projects/no-hyphens", { script: SCRIPT }),
  ]);

  const problems = answers.map(({ json }) => json.error.problems[0]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [400, 400, 400],
  );
  assert.equal(problems[0].path, "script");
  assert.equal(problems[1].remedy, "send a JSON object");
  assert.deepEqual(problems[2], { path: "name", value: "no-hyphens", remedy: "use 1 to 64 letters a-z, A-Z, digits and _" });
  assert.deepEqual([(await webui.request("GET", "/projects")).json, await inbox()], [[], []]);
});

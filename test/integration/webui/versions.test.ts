import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { SCRIPT } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile();

beforeEach(() => store.reset());

const save = (script: string) => webui.request("PUT", "/projects/books", { script });
const versions = async () => (await webui.request("GET", "/projects/books/versions")).json.versions;

test("each saved script is a version, the newest first; other changes, and the same script, are none", async () => {
  await save(SCRIPT);
  const { json: saved } = await save(`${SCRIPT}// second`);
  await save(`${SCRIPT}// second`);
  await webui.request("PUT", "/projects/books", { rate: 2 });

  const [second, first, ...more] = await versions();
  const { json: text } = await webui.request("GET", `/projects/books/versions/${first.id}`);

  assert.deepEqual(more, []);
  assert.deepEqual([second.sourceHash, second.bytes], [saved.sourceHash, SCRIPT.length + "// second".length]);
  assert.ok(Math.abs(second.saved - Date.now() / 1_000) < 60);
  assert.deepEqual(text, { ...first, script: SCRIPT });
});

test("an earlier version is restored by saving its text, which is a new version", async () => {
  await save(SCRIPT);
  await save(`${SCRIPT}// second`);
  const [, first] = await versions();
  const { json: earlier } = await webui.request("GET", `/projects/books/versions/${first.id}`);

  const { json: restored } = await save(earlier.script);

  assert.equal(restored.script, SCRIPT);
  assert.deepEqual(
    (await versions()).map(({ bytes }: { bytes: number }) => bytes),
    [SCRIPT.length, SCRIPT.length + 9, SCRIPT.length],
  );
});

test("the newest 50 versions of a project are kept, and none of another project is lost for them", async () => {
  await webui.request("PUT", "/projects/shoes", { script: SCRIPT });
  await save(SCRIPT);

  await store.database.exec(
    `do $$ begin for n in 1..60 loop update projects set script = 'version ' || n where name = 'books'; end loop; end $$`,
  );

  const kept = await versions();
  const oldest = await webui.request("GET", `/projects/books/versions/${kept.at(-1).id}`);
  assert.equal(kept.length, 50);
  assert.equal(oldest.json.script, "version 11");
  assert.equal((await webui.request("GET", "/projects/shoes/versions")).json.versions.length, 1);
});

test("the versions of a deleted project are removed with it", async () => {
  await save(SCRIPT);
  const [{ id }] = await versions();

  await webui.request("DELETE", "/projects/books");

  assert.equal((await webui.request("GET", "/projects/books/versions")).status, 404);
  assert.deepEqual(await store.database.query("select * from script_versions where id = $1", [id]), []);
});

test("a version of another project, and an id that is no number, are refused", async () => {
  await save(SCRIPT);
  await webui.request("PUT", "/projects/shoes", { script: SCRIPT });
  const [{ id }] = await versions();

  assert.equal((await webui.request("GET", `/projects/shoes/versions/${id}`)).status, 404);
  assert.equal((await webui.request("GET", "/projects/books/versions/x")).status, 400);
});

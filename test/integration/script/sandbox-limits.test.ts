import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { MIB, openPool, projectOf, readScript } from "../../fixtures/sandbox.ts";

const pool = openPool();
after(() => pool.close());
const source = await readScript("hostile");
const hostile = await projectOf("hostile", source);

for (const { title, callback, code, message } of [
  { title: "a script that loops for ever", callback: "loops", code: "E_SCRIPT_TIMEOUT", message: /loops did not end within 1 s/ },
  { title: "a script that loops in promises", callback: "loopsInPromises", code: "E_SCRIPT_TIMEOUT", message: /within 1 s/ },
  { title: "a regular expression that never ends", callback: "backtracks", code: "E_SCRIPT_TIMEOUT", message: /within 1 s/ },
  { title: "a script that waits for what never comes", callback: "waits", code: "E_SCRIPT_TIMEOUT", message: /within 1 s/ },
  { title: "a result that loops when it is read", callback: "resultThatLoops", code: "E_SCRIPT_TIMEOUT", message: /within 1 s/ },
  { title: "a result that holds itself", callback: "resultThatHoldsItself", code: "E_SCRIPT", message: /circular/ },
  { title: "an error with a flood of text", callback: "floodsError", code: "E_SCRIPT", message: /^Error: x{1000}/ },
  { title: "an error that loops when it is shown", callback: "throwsItself", code: "E_SCRIPT_TIMEOUT", message: /within 1 s/ },
  {
    title: "endless recursion",
    callback: "recurses",
    code: "E_SCRIPT",
    message: /Maximum call stack size exceeded \(hostile\.ts:\d+:\d+\)/,
  },
  { title: "a full heap", callback: "fillsHeap", code: "E_SCRIPT_MEMORY", message: /fillsHeap .* may take 192 MiB/ },
  { title: "memory outside of the heap", callback: "fillsBuffers", code: "E_SCRIPT_MEMORY", message: /fillsBuffers took \d+ MiB/ },
  { title: "memory in strings", callback: "fillsStrings", code: "E_SCRIPT_MEMORY", message: /fillsStrings / },
  { title: "memory that is shared", callback: "fillsSharedMemory", code: "E_SCRIPT_MEMORY", message: /fillsSharedMemory took \d+ MiB/ },
  { title: "a flood of tasks", callback: "floodsCrawl", code: "E_SCRIPT", message: /at most 10000 tasks/ },
  { title: "a result that is too large", callback: "floodsResult", code: "E_SCRIPT_LIMIT", message: /more than 8 MiB/ },
  { title: "a task with too much to carry", callback: "floodsSave", code: "E_SCRIPT_LIMIT", message: /more than 65536 characters/ },
  { title: "too much kept between runs", callback: "floodsState", code: "E_SCRIPT_LIMIT", message: /more than 65536 characters/ },
  { title: "a message that is too large", callback: "floodsMessage", code: "E_SCRIPT_LIMIT", message: /more than 65536 characters/ },
  { title: "a result that is nested too deep", callback: "nests", code: "E_SCRIPT_LIMIT", message: /deeper than 200 levels/ },
]) {
  test(`${title} fails the task with ${code}`, async () => {
    const { process, results, follows } = await pool.run(
      hostile(callback, { process: { processTimeLimit: callback.startsWith("fills") ? 30 : 1 } }),
    );

    assert.equal(process.ok, false);
    assert.equal(process.error?.code, code);
    assert.match(process.error?.message ?? "", message);
    assert.equal(results, null);
    assert.deepEqual(follows, []);
  });
}

test("of a flood of printed lines the last 10,000 characters are kept", async () => {
  const { process } = await pool.run(hostile("floodsLog", { process: { processTimeLimit: 30 } }));

  assert.equal(process.ok, true);
  assert.equal(process.logs.length, 10_000);
  assert.match(process.logs, /the last line\n$/);
});

test("tasks behind one that kills its child run on another, without blame", async () => {
  const callbacks = ["honest", "honest", "loops", "honest", "fillsBuffers", "honest"];

  const results = await Promise.all(callbacks.map((callback) => pool.run(hostile(callback))));

  assert.deepEqual(
    results.map(({ process }) => process.error?.code ?? "done"),
    ["done", "done", "E_SCRIPT_TIMEOUT", "done", "E_SCRIPT_MEMORY", "done"],
  );
});

test("another project's tasks go on while one project's script hangs in every child", async () => {
  await using crowded = openPool({ children: 2, processLimitMs: 20_000, memoryLimitBytes: 192 * MIB });
  const other = await projectOf("other", source);
  const hanging = Array.from({ length: 100 }, () => crowded.run(hostile("loops")).catch(() => "closed"));

  const { results } = await crowded.run(other("honest"));

  assert.deepEqual(results, ['"done"']);
  void hanging;
});

test("more projects than children all get their turn", async () => {
  await using small = openPool({ children: 1 });
  const projects = await Promise.all(["a", "b", "c"].map((name) => projectOf(name, source)));

  const results = await Promise.all(projects.map((project) => small.run(project("honest"))));

  assert.deepEqual(
    results.map((result) => result.results),
    [['"done"'], ['"done"'], ['"done"']],
  );
});

test("a child that is idle for a moment is not taken from its project by another's page", async () => {
  await using small = openPool({ children: 1 });
  const counting = `import { Crawler } from "orbweaver"; let pages = 0; export default class extends Crawler { page() { return ++pages; } }`;
  const [calm, other] = await Promise.all([projectOf("calm", counting), projectOf("other", counting)]);
  const counts = async () => (await small.run(calm("page"))).results?.join();

  const first = await counts();
  const waiting = small.run(other("page"));
  // The pool looks at once.
  for (let turn = 0; turn < 5; turn++) await setImmediate();
  const next = [await counts(), await counts()];

  assert.deepEqual([first, ...next], ["1", "2", "3"]);
  assert.deepEqual((await waiting).results, ["1"]);
});

test("closing a pool rejects what is not done and leaves no process", async () => {
  const closing = openPool({ processLimitMs: 20_000 });
  const hanging = closing.run(hostile("loops"));
  const rejected = assert.rejects(hanging, /the sandbox pool is closed/);

  await closing.run(await projectOf("first", source).then((project) => project("honest")));
  await closing.close();

  await rejected;
});

test("what a child cries while it dies can be stored", async () => {
  await using own = openPool();
  const dying = await projectOf(
    "dying",
    `import { Crawler } from "orbweaver";
Object.prototype.toJSON = () => { throw new Error("a\\0b"); };
export default class Dying extends Crawler {}`,
  );

  const { process } = await own.run(dying("_info"));

  assert.equal(process.ok, false);
  assert.ok(!JSON.stringify(process).includes("\\u0000"), JSON.stringify(process));
});

test("a child that the system has no room for fails its tasks, and nothing else", async () => {
  const { execPath } = process;
  const { run } = await openWithCode();

  // Refused by spawn() itself, as when memory runs out.
  process.execPath = "no\0file";
  const failed = await run().finally(() => {
    process.execPath = execPath;
  });
  const good = await run();

  assert.deepEqual([failed.process.error?.code, failed.process.error?.retryable, good.process.ok], ["E_SANDBOX", true, true]);
});

/** A pool that has run something, and so has built its code. */
async function openWithCode() {
  const own = openPool();
  after(() => own.close());
  const project = await projectOf(
    "plain",
    `import { Crawler } from "orbweaver";\nexport default class Plain extends Crawler { page() {} }`,
  );
  const other = await projectOf("other", `import { Crawler } from "orbweaver";\nexport default class Other extends Crawler { page() {} }`);
  await own.run(other("page"));
  return { run: () => own.run(project("page")) };
}

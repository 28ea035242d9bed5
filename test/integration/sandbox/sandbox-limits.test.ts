import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { MIB } from "../../../services/core/protocol/byte-units.ts";
import { commandLineOf, descendantsOf } from "../../bench/process-tree.ts";
import { JSON_SHAPES } from "../../fixtures/json-shapes.ts";
import { openPool, pageOf, projectOf, readScript } from "../../fixtures/sandbox.ts";
import { until } from "../../fixtures/until.ts";

const pool = openPool();
after(() => pool.close());
const source = await readScript("hostile");
const hostile = await projectOf("hostile", source);

for (const { title, callback, code, message } of [
  { title: "a script that loops forever", callback: "loops", code: "E_SCRIPT_TIMEOUT", message: /loops did not end within 1 s/ },
  { title: "a script that loops in promises", callback: "loopsInPromises", code: "E_SCRIPT_TIMEOUT", message: /within 1 s/ },
  { title: "a regular expression that never ends", callback: "backtracks", code: "E_SCRIPT_TIMEOUT", message: /within 1 s/ },
  { title: "a script that waits forever", callback: "waits", code: "E_SCRIPT_TIMEOUT", message: /within 1 s/ },
  { title: "a result that loops when it is read", callback: "resultThatLoops", code: "E_SCRIPT_TIMEOUT", message: /within 1 s/ },
  { title: "a result that holds itself", callback: "resultThatHoldsItself", code: "E_SCRIPT", message: /the field self contains itself/ },
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
  { title: "a flood of tasks", callback: "floodsCrawl", code: "E_SCRIPT_TIMEOUT", message: /within 1 s/ },
  { title: "a flood of results", callback: "floodsRows", code: "E_SCRIPT_LIMIT", message: /at most 10000 results/ },
  { title: "a result that is too large", callback: "floodsResult", code: "E_SCRIPT_LIMIT", message: /more than 8 MiB/ },
  { title: "a task with too large a saved value", callback: "floodsSave", code: "E_SCRIPT_LIMIT", message: /more than 65536 characters/ },
  { title: "too large a value kept between runs", callback: "floodsState", code: "E_SCRIPT_LIMIT", message: /more than 65536 characters/ },
  { title: "a message that is too large", callback: "floodsMessage", code: "E_SCRIPT_LIMIT", message: /more than 65536 characters/ },
  { title: "a result that is nested too deeply", callback: "nests", code: "E_SCRIPT_LIMIT", message: /deeper than 200 levels/ },
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

for (const kind of ["empty objects", "nesting of 100,000 levels", "numbers"] as const) {
  test(`a page of JSON that would need too much memory (${kind}) fails its task once, and its child continues`, async () => {
    await using single = openPool({ children: 1, processLimitMs: 30_000 });
    const page = pageOf(JSON_SHAPES[kind](8 * MIB));

    const [before, { process }, after] = await Promise.all([
      single.run(hostile("countsRuns")),
      single.run(hostile("readsJson", { page })),
      single.run(hostile("countsRuns")),
    ]);

    assert.deepEqual([process.error?.code, process.error?.retryable], ["E_PAGE_JSON", false]);
    assert.match(process.logs, /the page's JSON has .*\n {4}at hostile\.ts:\d+/s);
    assert.deepEqual([before.results, after.results], [["1"], ["2"]]);
  });
}

test("when memory is exhausted, the kernel kills a script's process, not its parent", {
  skip: process.platform !== "linux" && "needs /proc",
}, async () => {
  await using single = openPool({ children: 1 });
  await single.run(hostile("honest"));

  const scores = descendantsOf(process.pid)
    .filter((pid) => commandLineOf(pid).includes("--frozen-intrinsics"))
    .map((pid) => readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim());

  assert.ok(scores.length > 0);
  assert.deepEqual([...new Set(scores)], ["1000"]);
});

for (const callback of ["keepsManyValues", "crawlsManyValues", "sendsManyValues"]) {
  test(`${callback}: a short text with too many values fails the task when it is kept`, async () => {
    const { process } = await pool.run(hostile(callback));

    assert.equal(process.error?.code, "E_SCRIPT_LIMIT");
    assert.match(process.error?.message ?? "", /more than 10,000 values/);
  });
}

test("a child's answers wait while the caller is full, and that time does not count as the script's", async () => {
  let asked = 0;
  let isFull = true;
  const isFullNow = () => isFull && ++asked > 0;
  await using single = openPool({ children: 1, processLimitMs: 300, isFull: isFullNow });
  let answered = 0;

  const runs = Array.from({ length: 3 }, () => single.run(hostile("largeResult")).finally(() => answered++));
  // It is called when the first bytes arrive, and every 50 ms afterwards.
  await until("the first answer has waited longer than a run may take", () => asked > 10);
  const answeredMeanwhile = answered;
  isFull = false;

  const all = await Promise.all(runs);
  assert.equal(answeredMeanwhile, 0);
  assert.deepEqual(
    all.map(({ process, answerBytes }) => [process.ok, answerBytes > MIB]),
    Array(3).fill([true, true]),
  );
});

test("a pool can close while answers wait", { timeout: 20_000 }, async () => {
  let asked = 0;
  const single = openPool({ children: 1, isFull: () => ++asked > 0 });
  const waiting = single.run(hostile("largeResult"));
  waiting.catch(() => {});
  await until("an answer waits", () => asked > 1);

  await single.close();

  await assert.rejects(waiting, /closed/);
});

test("only the last 10,000 characters of printed lines are kept", async () => {
  const { process } = await pool.run(hostile("floodsLog", { process: { processTimeLimit: 30 } }));

  assert.equal(process.ok, true);
  assert.equal(process.logs.length, 10_000);
  assert.match(process.logs, /the last line\n$/);
});

test("tasks queued behind one that crashes its child run on another child and do not fail", async () => {
  const callbacks = ["honest", "honest", "loops", "honest", "fillsBuffers", "honest"];

  const results = await Promise.all(callbacks.map((callback) => pool.run(hostile(callback))));

  assert.deepEqual(
    results.map(({ process }) => process.error?.code ?? "done"),
    ["done", "done", "E_SCRIPT_TIMEOUT", "done", "E_SCRIPT_MEMORY", "done"],
  );
});

test("other projects' tasks run while one project's script hangs in every child", async () => {
  await using crowded = openPool({ children: 2, processLimitMs: 20_000, memoryLimitBytes: 192 * MIB });
  const other = await projectOf("other", source);
  const hanging = Array.from({ length: 100 }, () => crowded.run(hostile("loops")).catch(() => "closed"));

  const { results } = await crowded.run(other("honest"));

  assert.deepEqual(results, ['"done"']);
  void hanging;
});

test("with more projects than children, every project gets its turn", async () => {
  await using small = openPool({ children: 1 });
  const projects = await Promise.all(["a", "b", "c"].map((name) => projectOf(name, source)));

  const results = await Promise.all(projects.map((project) => small.run(project("honest"))));

  assert.deepEqual(
    results.map((result) => result.results),
    [['"done"'], ['"done"'], ['"done"']],
  );
});

test("a child that is briefly idle is not reassigned to another project", async () => {
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

test("closing a pool rejects unfinished tasks and leaves no process", async () => {
  const closing = openPool({ processLimitMs: 20_000 });
  const hanging = closing.run(hostile("loops"));
  const rejected = assert.rejects(hanging, /the sandbox pool is closed/);

  await closing.run(await projectOf("first", source).then((project) => project("honest")));
  await closing.close();

  await rejected;
});

test("the last output of a crashing child can be stored", async () => {
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

test("a child that cannot be started fails only its own tasks", async () => {
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

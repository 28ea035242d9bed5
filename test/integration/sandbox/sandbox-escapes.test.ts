import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { SandboxTask } from "../../../services/sandbox/sandbox.ts";
import { openPool, projectOf, readScript } from "../../fixtures/sandbox.ts";

const pool = openPool({ processLimitMs: 10_000 });
after(() => pool.close());
const hostile = await projectOf("hostile", await readScript("hostile"));

/** What the callback returned; fails when it failed. */
async function reached(task: SandboxTask): Promise<unknown> {
  const { process, results } = await pool.run(task);
  assert.equal(process.error, undefined);
  return JSON.parse(results?.[0] ?? "null");
}

test("a script's globals contain nothing of Node", async () => {
  assert.deepEqual(await reached(hostile("globals")), []);
});

test("no constructor that a script can reach compiles code from text", async () => {
  assert.equal(await reached(hostile("makesCode")), 0);
});

test("a stack overflow inside the host reveals no error of the outer realm", async () => {
  assert.equal(await reached(hostile("outerErrors")), 0);
});

test("stack frames give a script no object of the outer realm", async () => {
  assert.deepEqual(await reached(hostile("stackFrames")), []);
});

test("no callback of a script runs after its run has ended", async () => {
  assert.deepEqual(await reached(hostile("wakers")), []);
});

/** Compiled text that the compiler would refuse: what a script could do if it got past that. `report` returns what `attack` found. */
async function rawProject(project: string, body: string) {
  const compiled = `(function (orbweaver) { "use strict"; const found = [];
    return class extends orbweaver.Crawler { attack(response) { ${body} } report() { return found; } } })`;
  const make = await projectOf(project, "import { Crawler } from 'orbweaver'; export default class extends Crawler {}");
  return (callback: string) => ({ ...make(callback), compiled });
}

test("an import that passed the compiler resolves to no module", async () => {
  const task = await rawProject(
    "importing",
    `for (const name of ["node:process", "process", "node:fs", "node:child_process", "data:text/javascript,export default 1"])
       import(name).then((module) => found.push(Object.keys(module)), () => found.push("refused"));`,
  );

  await pool.run(task("attack"));
  await pool.run(task("report")); // Refusals come after the run in which they were asked for.

  assert.deepEqual(await reached(task("report")), Array(5).fill("refused"));
});

test("the error of a refused import gives no access to the outer realm", async () => {
  const task = await rawProject(
    "errors",
    `import("node:process").catch((error) => {
       found.push("refused");
       const attempt = (name, work) => { try { if (work() !== undefined) found.push(name); } catch {} };
       const Outer = error.constructor;
       const top = Object.getPrototypeOf(Error.prototype.isPrototypeOf(error) ? {} : Object.getPrototypeOf(Object.getPrototypeOf(error)));
       attempt("code", () => Outer.constructor("return process")());
       if (Outer !== Error && Outer !== TypeError) {
         attempt("pollution", () => { top.polluted = 1; return top.polluted; });
         attempt("stack hook", () => { Outer.prepareStackTrace = () => {}; return Outer.prepareStackTrace; });
         attempt("replaced function", () => { top.toString = () => "owned"; return top.toString() === "owned" || undefined; });
       }
     });`,
  );

  await pool.run(task("attack"));
  await pool.run(task("report"));

  assert.deepEqual(await reached(task("report")), ["refused"]);
});

test("hooks into built-in functions never receive objects of the outer realm", async () => {
  const task = await rawProject(
    "hooks",
    `const look = (value) => {
       if ((typeof value === "function" || typeof value === "object") && value !== null && !(value instanceof Object)) found.push(typeof value);
     };
     for (const owner of [Reflect, Object, Array.prototype, String.prototype, Function.prototype, Map.prototype, RegExp.prototype, Promise.prototype]) {
       for (const name of Object.getOwnPropertyNames(owner)) {
         const original = Object.getOwnPropertyDescriptor(owner, name).value;
         if (typeof original !== "function" || ["constructor", "apply", "call"].includes(name)) continue;
         owner[name] = function (...values) { look(this); values.forEach = undefined; for (let i = 0; i < values.length; i++) look(values[i]); return Reflect_apply(original, this, values); };
       }
     }
     void response.text; void response.content; void response.doc("h1").text(); void new URL("http://a.test/?a=%E4").searchParams.get("a");
     this.crawl("http://a.test/", { callback: this.report });`.replace("const look", "const Reflect_apply = Reflect.apply; const look"),
  );

  await pool.run(task("attack"));

  assert.deepEqual(await reached(task("report")), []);
});

test("replaced built-in functions do not affect the next project", async () => {
  const honest = await projectOf("honest", await readScript("hostile"));

  await pool.run(hostile("replacesBuiltins"));
  const { process, results } = await pool.run(honest("honest"));

  assert.equal(process.ok, true);
  assert.deepEqual(results, ['"done"']);
});

test("an answer that a polluted prototype changed is refused, and the next task gets a new child", async () => {
  const bent = await pool.run(hostile("pollutes"));
  const next = await pool.run(hostile("honest"));

  assert.equal(bent.process.error?.code, "E_SCRIPT_CRASH");
  assert.deepEqual(bent.follows, []);
  assert.deepEqual(next.results, ['"done"']);
});

test("code of an earlier run cannot crawl for a later run", async () => {
  const left = await pool.run(hostile("leavesPromise"));
  const later = await pool.run(hostile("usesLeftOver"));

  assert.deepEqual(
    left.follows.map(({ url }) => url),
    ["http://a.test/own"],
  );
  assert.deepEqual(later.follows, []);
});

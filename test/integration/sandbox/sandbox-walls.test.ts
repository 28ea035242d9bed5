import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { SANDBOX_FLAGS } from "../../../services/sandbox/child-process.ts";
import { until } from "../../fixtures/until.ts";

/** Runs code in the outer realm of a process started as sandbox children are. */
async function runOutside(code: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [...SANDBOX_FLAGS, "-e", code], { env: {} });
  return JSON.parse(stdout);
}

const WRITE = 'require("fs").writeSync(1, JSON.stringify(found))';

test("the permission model refuses files, sockets, processes, threads and databases in the outer realm", async () => {
  const found = await runOutside(`"use strict"; const found = {};
    const attempt = (name, work) => { try { work(); found[name] = "done"; } catch (error) { found[name] = error.code ?? error.message; } };
    attempt("read", () => require("fs").readFileSync("/etc/passwd"));
    attempt("write", () => require("fs").writeFileSync("/tmp/orbweaver-escape", ""));
    attempt("proc", () => require("fs").readFileSync("/proc/self/environ"));
    attempt("process", () => require("child_process").spawnSync("/bin/true"));
    attempt("thread", () => new (require("worker_threads").Worker)("0", { eval: true }));
    attempt("sqlite", () => require("node:sqlite"));
    attempt("ffi", () => require("node:ffi"));
    attempt("binding", () => process.binding("fs"));
    attempt("addon", () => process.dlopen({ exports: {} }, "/tmp/x.node"));
    attempt("code", () => Function("return 1")());
    found.environment = Object.keys(process.env);
    const refused = (name) => (error) => { found[name] = error.code; };
    const socket = require("net").connect(1, "127.0.0.1").on("error", refused("socket"));
    try { require("dns").lookup("localhost", (error) => { found.dns = error ? error.code : "done"; }); } catch (error) { found.dns = error.code; }
    setTimeout(() => ${WRITE}, 200);`);

  assert.deepEqual(found, {
    read: "ERR_ACCESS_DENIED",
    write: "ERR_ACCESS_DENIED",
    proc: "ERR_ACCESS_DENIED",
    process: "ERR_ACCESS_DENIED",
    thread: "ERR_ACCESS_DENIED",
    sqlite: "ERR_UNKNOWN_BUILTIN_MODULE",
    ffi: "ERR_UNKNOWN_BUILTIN_MODULE",
    binding: "ERR_ACCESS_DENIED",
    addon: "ERR_DLOPEN_DISABLED",
    code: "Code generation from strings disallowed for this context",
    environment: [],
    socket: "ERR_ACCESS_DENIED",
    dns: "ERR_ACCESS_DENIED",
  });
});

test("after hardening, the outer realm can neither signal, load nor schedule", async () => {
  const entry = new URL("../../../services/sandbox/child/harden.ts", import.meta.url).pathname;
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "bundle",
    platform: "node",
  });
  const found = await runOutside(`"use strict"; ${outputFiles[0]?.text}
    const { writeSync } = require("fs"); const { exit } = process; const outer = process; const os = require("os"); const fs = require("fs");
    bundle.harden(outer, [os, fs]);
    const left = (object) => Reflect.ownKeys(object).filter((name) => typeof object[name] === "function").map(String).sort();
    writeSync(1, JSON.stringify({ process: left(outer), os: left(os), fs: left(fs), globals: ["process", "require", "fetch", "setTimeout", "queueMicrotask", "WebAssembly"].filter((name) => name in globalThis) }));`);

  assert.deepEqual(found, {
    process: ["_tickCallback", "emit", "emitWarning", "exit", "listenerCount", "nextTick", "on", "reallyExit"].filter((name) =>
      (found as { process: string[] }).process.includes(name),
    ),
    os: [],
    fs: [],
    globals: [],
  });
});

const childrenOf = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
/** Of processor time, in hundredths of a second: starting takes fewer. */
const cpuTicksOf = (pid: number) => {
  const [, ...fields] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user = 0, system = 0] = fields.join(") ").split(" ").slice(11, 13).map(Number);
  return user + system;
};
const LOOPING_TICKS = 60;
const isAlive = (pid: number) => {
  try {
    // A zombie that init has not collected yet is no running process.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

test("a looping child ends by itself after its parent was killed", { skip: process.platform !== "linux" }, async () => {
  const code = `import { openPool, projectOf } from ${JSON.stringify(new URL("../../fixtures/sandbox.ts", import.meta.url).href)};
    const make = await projectOf("loop", "import { Crawler } from 'orbweaver'; export default class extends Crawler { loops() { for (;;); } }");
    const pool = openPool();
    await pool.run(make("loops", { process: { processTimeLimit: 5 } }));`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const sandboxesOf = (pid: number) =>
    childrenOf(pid).filter((one) => readFileSync(`/proc/${one}/cmdline`, "utf8").includes("--frozen-intrinsics"));
  const sandboxes = await until("a sandbox child has begun to loop", () => {
    const found = sandboxesOf(parent.pid as number);
    return found.length > 0 && found.every((pid) => cpuTicksOf(pid) > LOOPING_TICKS) ? found : undefined;
  });

  parent.kill("SIGKILL");

  assert.equal(sandboxes.length, 1);
  await until("the sandbox child has ended", () => !sandboxes.some(isAlive));
});

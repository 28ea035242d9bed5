/** What native code of a script's process could do to this machine, without the walls inside the process. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Confined } from "../../../services/sandbox/confinement/confine.ts";
import { confine, confinementHere } from "../../../services/sandbox/confinement/confinement.ts";
import { saidAfterDebuggerSignal } from "../../fixtures/debugger-signal.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

const here = await confinementHere();
const skip = (has: (confined: Confined) => boolean, what: string) => (here && has(here) ? false : `this kernel offers no ${what}`);
const unconfined = here ? false : "nothing confines here";
const confined = (args: string[]) => confine(args, { readable: [], mayFork: false });

/** An unconfined program may run for ever. */
const RUN_MS = 10_000;
/** A path where nothing is, in a folder that every user may write. As JavaScript. */
const scratch = temporaryDirectory();
after(() => scratch[Symbol.dispose]());
chmodSync(scratch.path, 0o777);
const SCRATCH = JSON.stringify(join(scratch.path, "made"));

/** Runs JavaScript in a confined Node, that may do all that Node can. */
const run = (code: string, flags: string[] = []): string =>
  execFileSync(process.execPath, confined([...flags, "-e", code]), { env: {}, cwd: "/", encoding: "utf8", timeout: RUN_MS }).trim();

/** `ok`, or the error's code, of one attempt. */
const attempt = (code: string) => run(`try { ${code}; console.log("ok"); } catch (error) { console.log(error.code); }`);

test("on Linux, a program has every confinement", { skip: process.platform === "linux" ? false : "this is not Linux" }, () => {
  assert.ok(here);
  const { landlock, uid, ...others } = here;

  assert.deepEqual(others, { noNewPrivileges: true, seccomp: true, limits: true });
  if (landlock === 0) assert.equal(process.getuid?.() === 0, uid === 10_002);
});

for (const [what, code] of [
  ["a file of the system's users", 'require("fs").readFileSync("/etc/passwd")'],
  ["a folder", 'require("fs").readdirSync("/")'],
  ["the parent's environment", `require("fs").readFileSync("/proc/${process.pid}/environ")`],
  ["the parent's memory", `require("fs").openSync("/proc/${process.pid}/mem", "r+")`],
  ["the parent's files", `require("fs").readdirSync("/proc/${process.pid}/fd")`],
  ["its own sources", `require("fs").readFileSync(${JSON.stringify(new URL(import.meta.url).pathname)})`],
  ["the host's name in /proc", 'require("fs").readFileSync("/proc/sys/kernel/hostname")'],
] as const) {
  test(`a confined program cannot read ${what}`, { skip: skip(({ landlock }) => landlock > 0, "Landlock") }, () => {
    assert.match(attempt(code), /^E(ACCES|PERM|NOENT)$/);
  });
}

for (const [what, code] of [
  ["write a file", `require("fs").writeFileSync(${SCRATCH}, "x")`],
  ["write to a device", 'require("fs").writeFileSync("/dev/null", "x")'],
  ["make a folder", `require("fs").mkdirSync(${SCRATCH})`],
  ["send its parent a signal", `process.kill(${process.pid}, "SIGUSR1")`],
  ["look whether its parent lives", `process.kill(${process.pid}, 0)`],
  ["send every process a signal", "process.kill(-1, 0)"],
  ["start a program", 'require("child_process").execFileSync("/bin/true")'],
  ["become root", "process.setuid(0)"],
] as const) {
  test(`a confined program cannot ${what}`, { skip: unconfined }, () => {
    assert.match(attempt(code), /^E(ACCES|PERM|AGAIN|FBIG)$/);
  });
}

test("a confined program can neither connect to a server on this machine nor listen", { skip: unconfined }, async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  try {
    assert.equal(run(`require("net").connect(${port}, "127.0.0.1").on("error", ({ code }) => console.log(code))`), "EPERM");
    assert.equal(run('require("net").createServer().on("error", ({ code }) => console.log(code)).listen(0, "127.0.0.1")'), "EPERM");
    assert.equal(run('require("net").connect("/run/dbus").on("error", ({ code }) => console.log(code))'), "EPERM");
  } finally {
    server.close();
  }
});

/** Linux' numbers on x64: a program that calls them itself. */
const callsAgainst = (victim: number): [name: string, number: number, ...values: (number | bigint)[]][] => [
  ["io_uring_setup", 425, 8],
  ["ptrace", 101, 16, victim],
  ["process_vm_readv", 310, victim],
  ["process_vm_writev", 311, victim],
  ["pidfd_open", 434, victim],
  ["bpf", 321],
  ["perf_event_open", 298],
  ["userfaultfd", 323],
  ["keyctl", 250],
  ["unshare", 272, 0x10000000],
  ["setns", 308],
  ["mount", 165],
  ["socket", 41, 1, 1],
  ["kill", 62, victim],
  ["tgkill", 234, victim, victim],
  ["rt_sigqueueinfo", 129, victim, 10],
  ["prlimit64", 302, victim, 0],
  ["sched_setaffinity", 203, victim, 8],
  ["fork", 57],
  ["clone without threads", 56, 17],
  ["kill by the x32 interface", 0x40000000 + 62, victim],
];

test("a confined program that makes system calls directly is refused those outside its limits", {
  skip: skip(({ seccomp }) => seccomp && process.arch === "x64", "seccomp filter on x64"),
}, () => {
  const victim = spawn("sleep", ["60"], { stdio: "ignore" });
  const calls = callsAgainst(victim.pid ?? 0);
  const code = `const { functions } = require("node:ffi").dlopen(null, {
        syscall: { arguments: ["u64", "u64", "u64", "u64", "u64"], return: "i64" }, __errno_location: { arguments: [], return: "pointer" } });
      const { getInt32 } = require("node:ffi");
      for (const [name, ...values] of ${JSON.stringify(calls)}) {
        const all = [...values, ...Array(5 - values.length).fill(0)].map(BigInt);
        console.log(name, functions.syscall(...all) < 0n ? getInt32(functions.__errno_location()) : "done");
      }`;
  const said = run(code, ["--experimental-ffi", "--no-warnings"]).split("\n");
  victim.kill("SIGKILL");

  assert.deepEqual(
    said,
    calls.map(([name]) => `${name} 1`),
  );
});

test("a confined program writes no file and no core dump, and opens at most 256 files", {
  skip: skip(({ limits }) => limits, "limits of a process"),
}, () => {
  const limits = JSON.parse(run("console.log(JSON.stringify(process.report.getReport().userLimits))")) as Record<string, { hard: unknown }>;

  assert.deepEqual(
    ["file_size_blocks", "core_file_size_blocks", "open_files"].map((name) => limits[name]?.hard),
    [0, 0, 256],
  );
});

test("a confined program can still use its own signals, threads and streams", {
  skip: unconfined,
}, () => {
  assert.equal(
    run('process.on("SIGUSR2", () => console.log("came")); process.kill(process.pid, "SIGUSR2"); setTimeout(() => {}, 50)'),
    "came",
  );
  assert.equal(run('new (require("worker_threads").Worker)("console.log(1 + 1)", { eval: true })'), "2");
});

test("the debugger signal opens no debugger", { skip: unconfined, timeout: 30_000 }, async () => {
  assert.equal(await saidAfterDebuggerSignal(confined), "");
});

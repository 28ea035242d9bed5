import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CHROMIUM_SANDBOX_WORD, renderContainerRuntime } from "../../../stacks/render/container-runtime.ts";

const skip = spawnSync("jq", ["--version"]).error ? "jq is not installed" : false;

/** Of an OCI runtime configuration what matters here. */
interface Configuration {
  process: { args: string[] };
  linux: {
    resources: { pids?: { limit: number }; cpu?: { quota?: number; period?: number; shares?: number }; memory?: { limit: number } };
    seccomp?: { syscalls: { names: string[]; action: string; args?: { value: number }[] }[] };
  };
}

/** As Docker 20.10 writes it, shortened. */
const CONFIGURATION: Configuration = {
  process: { args: ["/sbin/docker-init", "--", "env", "ORB_HOST=0.0.0.0", "node", "main.ts"] },
  linux: {
    resources: { memory: { limit: 536_870_912 }, cpu: { shares: 0 } },
    seccomp: {
      syscalls: [
        { names: ["accept", "io_uring_enter", "io_uring_register", "io_uring_setup", "write"], action: "SCMP_ACT_ALLOW" },
        { names: ["io_uring_setup"], action: "SCMP_ACT_ALLOW" },
        { names: ["clone"], action: "SCMP_ACT_ALLOW", args: [{ value: 0x7e020000 }] },
      ],
    },
  },
};
const ALL_BUT_A_TENTH = cpus().length * 100_000 - 10_000;

const directory = mkdtempSync(join(tmpdir(), "orb-runtime-"));
const runtime = join(directory, "container-runtime");
writeFileSync(runtime, renderContainerRuntime(), { mode: 0o755 });
writeFileSync(join(directory, "runc"), `#!/bin/sh\nprintf '%s\\n' "$*"\n`, { mode: 0o755 });
after(() => rmSync(directory, { recursive: true }));

/** Runs the runtime on a bundle with a runc that prints its arguments; returns these and what the configuration has become. */
function start(given: unknown, args = ["--root", "/run/runc", "create", "--bundle", directory, "--pid-file", "/run/pid", "id"]) {
  writeFileSync(join(directory, "config.json"), typeof given === "string" ? given : JSON.stringify(given));
  const { status, stdout, stderr } = spawnSync(runtime, args, { encoding: "utf8", env: { PATH: `${directory}:${process.env.PATH}` } });
  const text = readFileSync(join(directory, "config.json"), "utf8");
  return { status, stdout, stderr, after: status === 0 ? (JSON.parse(text) as Configuration) : undefined };
}
const changed = (change: (configuration: Configuration) => void) => {
  const copy = structuredClone(CONFIGURATION);
  change(copy);
  return copy;
};
const syscalls = (configuration: Configuration | undefined) => configuration?.linux.seccomp?.syscalls ?? [];

test("a container without limits gets 1,024 processes and all CPUs except a tenth of one, and runc gets all arguments", { skip }, () => {
  const { stdout, after } = start(CONFIGURATION);

  assert.equal(stdout, `--root /run/runc create --bundle ${directory} --pid-file /run/pid id\n`);
  assert.deepEqual(after?.linux.resources, {
    memory: { limit: 536_870_912 },
    cpu: { shares: 0, quota: ALL_BUT_A_TENTH, period: 100_000 },
    pids: { limit: 1_024 },
  });
});

test("existing limits of a container stay unchanged", { skip }, () => {
  const resources = { pids: { limit: 64 }, cpu: { quota: 50_000, period: 100_000 } };

  const { after } = start(changed(({ linux }) => Object.assign(linux, { resources })));

  assert.deepEqual(after?.linux.resources, resources);
});

test("a container that requests unlimited processes and CPUs gets the default limits", { skip }, () => {
  const resources = { pids: { limit: -1 }, cpu: { quota: -1 } };

  const { after } = start(changed(({ linux }) => Object.assign(linux, { resources })));

  assert.deepEqual(after?.linux.resources, { pids: { limit: 1_024 }, cpu: { quota: ALL_BUT_A_TENTH, period: 100_000 } });
});

test("every container can confine itself; io_uring is forbidden, and only Chromium's container can create namespaces", { skip }, () => {
  const { after } = start(CONFIGURATION);

  assert.deepEqual(syscalls(after), [
    { names: ["accept", "write"], action: "SCMP_ACT_ALLOW" },
    { names: ["clone"], action: "SCMP_ACT_ALLOW", args: [{ value: 0x7e020000 }] },
    { names: ["landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self"], action: "SCMP_ACT_ALLOW" },
  ]);
});

test("Chromium's container can only create user, process and network namespaces, and change its root", { skip }, () => {
  const { after } = start(changed(({ process: { args } }) => args.splice(3, 0, CHROMIUM_SANDBOX_WORD)));

  const [namespaces, root, ...more] = syscalls(after).slice(3);
  assert.deepEqual([namespaces?.names, root?.names, more], [["clone", "unshare"], ["chroot"], []]);
  const mask = namespaces?.args?.[0]?.value ?? 0;
  const refused = { mount: 0x20000, cgroup: 0x2000000, uts: 0x4000000, ipc: 0x8000000 };
  const allowed = { user: 0x10000000, process: 0x20000000, network: 0x40000000 };
  for (const [name, flag] of Object.entries(refused)) assert.notEqual(mask & flag, 0, name);
  for (const [name, flag] of Object.entries(allowed)) assert.equal(mask & flag, 0, name);
});

test("an argument that only contains Chromium's sandbox word permits no namespaces", { skip }, () => {
  const { after } = start(changed(({ process: { args } }) => args.push(`X${CHROMIUM_SANDBOX_WORD}`, `${CHROMIUM_SANDBOX_WORD}2`)));

  assert.equal(syscalls(after).length, 3);
});

test("a container with unreadable settings is not created", { skip }, () => {
  const { status, stdout } = start("{");

  assert.notEqual(status, 0);
  assert.equal(stdout, "");
});

test("commands that create no container leave the settings unchanged", { skip }, () => {
  for (const args of [["start", "id"], ["exec", "--process", "/run/p.json", "id"], ["--version"]]) {
    assert.deepEqual(start(CONFIGURATION, args).after, CONFIGURATION);
  }
});

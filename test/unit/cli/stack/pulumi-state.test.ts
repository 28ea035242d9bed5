import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { StackLockedError } from "../../../../services/cli/stack/engine-errors.ts";
import {
  halfMade,
  hasPending,
  isDead,
  removeHalfMadeScript,
  withEngineLock,
  withoutPending,
} from "../../../../services/cli/stack/pulumi-state.ts";
import { CONTAINER, NETWORK } from "../../../fixtures/plan-steps.ts";

const urn = (type: string, name: string) => `urn:pulumi:lab::orbweaver::orbweaver:DataPlane$${type}::${name}`;
const on = (host: string) => `urn:pulumi:lab::orbweaver::orbweaver:FleetHost$pulumi:providers:docker::${host}-docker::4f2a`;
const pending = (type: string, of: { type: string; name: string; host: string }) => ({
  type,
  resource: { urn: urn(of.type, of.name), type: of.type, inputs: { name: `orbweaver-${of.name}` }, provider: on(of.host) },
});

/** As Pulumi exports it after the engine was killed while it made Postgres and deleted a network. */
const killed = {
  version: 3,
  deployment: {
    resources: [{ urn: urn(CONTAINER, "redis"), type: CONTAINER, id: "abc", inputs: { name: "orbweaver-redis" }, provider: on("data") }],
    pending_operations: [
      pending("creating", { type: CONTAINER, name: "postgres", host: "data" }),
      pending("deleting", { type: NETWORK, name: "store", host: "data" }),
      {
        type: "creating",
        resource: { urn: urn("command:local:Command", "database"), type: "command:local:Command", inputs: { create: "x" } },
      },
    ],
  },
};

test("an unfinished creation in a host's Docker is half made; scripts and deletions are not", () => {
  assert.deepEqual(halfMade(killed), [{ host: "data", kind: "container", name: "orbweaver-postgres", keep: ["abc"] }]);
});

test("a half-made container is removed by its id, and a container in the state stays", () => {
  const script = removeHalfMadeScript({ host: "data", kind: "container", name: "orbweaver-postgres", keep: ["abc", "def"] });

  assert.match(script, /docker container inspect --format '\{\{\.ID\}\}' orbweaver-postgres/);
  assert.match(script, /case ' abc def ' in \*" \$id "\*\) exit 0/);
  assert.match(script, /docker container rm --force "\$id"/);
});

test("only unfinished operations are removed from a state", () => {
  const cleared = withoutPending(killed);

  assert.deepEqual([hasPending(killed), hasPending(cleared)], [true, false]);
  assert.deepEqual(cleared.deployment, { resources: killed.deployment.resources });
});

test("a lock is dead if its process on this machine has ended; locks of other machines are never dead", () => {
  const lock = { owner: "ops@here", machine: hostname(), pid: 2 ** 22 + 1, since: "" };

  assert.equal(isDead(lock), true);
  assert.equal(isDead({ ...lock, machine: `not-${hostname()}` }), false);
});

test("another process with the id of a dead engine does not keep its lock alive", {
  skip: process.platform !== "linux" && "needs /proc",
}, () => {
  assert.equal(isDead({ owner: "ops@here", machine: hostname(), pid: 1, since: "" }), true);
});

/** Work that finds Pulumi's lock taken by a process of this machine, and the lock's stack. */
function locked(pid: number, times: number) {
  const state = { attempts: 0, removals: 0 };
  const stack = { name: "lab", cancel: async () => void state.removals++ } as unknown as Stack;
  const work = async () => {
    if (state.attempts++ >= times) return "done";
    throw new Error(`the stack is currently locked by 1 lock(s): created by ops@${hostname()} (pid ${pid}) at 2026-11-29T10:00:00Z`);
  };
  return { state, stack, work };
}

test("the lock of a dead process is removed, and the work is repeated at once", async () => {
  const { state, stack, work } = locked(2 ** 22 + 1, 1);
  const lines: string[] = [];

  const result = await withEngineLock({ stack, say: (line) => lines.push(line), signal: new AbortController().signal }, work);

  assert.deepEqual([result, state], ["done", { attempts: 2, removals: 1 }]);
  assert.match(lines.join("\n"), /^Pulumi's lock was held by process \d+ of ops@.*; removing it$/);
});

test("the wait for another process's lock is announced, and a signal ends it with the lock's error", async () => {
  const { state, stack, work } = locked(process.ppid, 2);
  const stop = new AbortController();
  const lines: string[] = [];
  const say = (line: string) => {
    lines.push(line);
    setImmediate(() => stop.abort());
  };
  // Of another machine, so that the process counts as running.
  const elsewhere = () => work().catch((error: Error) => Promise.reject(new Error(error.message.replace(hostname(), "elsewhere"))));

  await assert.rejects(withEngineLock({ stack, say, signal: stop.signal }, elsewhere), StackLockedError);

  assert.deepEqual([lines.length, state], [1, { attempts: 1, removals: 0 }]);
  assert.match(lines[0] ?? "", /^waiting for Pulumi's lock: process \d+ of ops@elsewhere$/);
});

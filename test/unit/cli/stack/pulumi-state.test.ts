import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { halfMade, hasPending, isDead, removeHalfMadeScript, withoutPending } from "../../../../services/cli/stack/pulumi-state.ts";
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

test("what was being made in a host's Docker is half made; scripts and deletions are not", () => {
  assert.deepEqual(halfMade(killed), [{ host: "data", kind: "container", name: "orbweaver-postgres", keep: ["abc"] }]);
});

test("a half-made container is removed by its id, and one that the state knows stays", () => {
  const script = removeHalfMadeScript({ host: "data", kind: "container", name: "orbweaver-postgres", keep: ["abc", "def"] });

  assert.match(script, /docker container inspect --format '\{\{\.ID\}\}' orbweaver-postgres/);
  assert.match(script, /case ' abc def ' in \*" \$id "\*\) exit 0/);
  assert.match(script, /docker container rm --force "\$id"/);
});

test("a state is cleared of operations without an end, and of nothing else", () => {
  const cleared = withoutPending(killed);

  assert.deepEqual([hasPending(killed), hasPending(cleared)], [true, false]);
  assert.deepEqual(cleared.deployment, { resources: killed.deployment.resources });
});

test("a lock is dead if its process ran on this machine and is no engine that runs; of another machine nothing is known", () => {
  const lock = { owner: "ops@here", machine: hostname(), pid: 2 ** 22 + 1, since: "" };

  assert.equal(isDead(lock), true);
  assert.equal(isDead({ ...lock, machine: `not-${hostname()}` }), false);
});

test("a process that is no engine but has the id of a dead one does not keep the dead one's lock alive", {
  skip: process.platform !== "linux" && "needs /proc",
}, () => {
  assert.equal(isDead({ owner: "ops@here", machine: hostname(), pid: 1, since: "" }), true);
});

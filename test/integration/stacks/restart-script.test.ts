import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { LOCK } from "../../../stacks/render/fleet-lock.ts";
import { renderRestartScript } from "../../../stacks/render/restart-script.ts";
import { GROUPS } from "../../../stacks/roles.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

const IN_AN_HOUR = Math.floor(Date.now() / 1_000) + 3_600;
const take = `config create ${LOCK}`;
const drop = `config rm ${LOCK}`;
const roll = (group: string) => `service update ${group}`;

test("the leader takes the lock, rolls the five groups in turn, and lets it go", () => {
  const { status, calls, stderr } = restart({});

  assert.equal(status, 0, stderr);
  assert.deepEqual(calls, [take, ...GROUPS.map(roll), drop]);
});

const reasons: [string, World, RegExp, string[]][] = [
  ["another manager is the leader", { leader: "false" }, /another manager/, []],
  ["a deployment holds the lock", { lockExpires: IN_AN_HOUR }, /lock is held by the deployment/, []],
  ["somebody else was faster", { isLockTaken: true }, /faster/, [take]],
  ["a service is being updated", { states: { webui: "updating" } }, /webui is being updated/, [take, drop]],
];

for (const [name, world, message, expected] of reasons) {
  test(`nothing is restarted where ${name}`, () => {
    const { status, stdout, calls } = restart(world);

    assert.deepEqual([status, calls], [0, expected]);
    assert.match(stdout, message);
  });
}

test("a lock whose owner died long ago is taken over", () => {
  const { calls } = restart({ lockExpires: 1_000 });

  assert.deepEqual(calls.slice(0, 3), [drop, take, roll("renderer")]);
});

test("a group that Swarm still watches when the client is done is waited for", () => {
  const { status, calls } = restart({ watchesOnce: true });

  assert.equal(status, 0);
  assert.deepEqual(calls, [take, ...GROUPS.map(roll), drop]);
});

test("a group that does not come back healthy ends the restart with its name", () => {
  const { status, stderr, calls } = restart({ afterRoll: { fetcher: "rollback_completed" } });

  assert.deepEqual([status, calls], [1, [take, roll("renderer"), roll("fetcher"), drop]]);
  assert.match(stderr, /fetcher: the restart ended in state rollback_completed/);
});

interface World {
  leader?: string;
  lockExpires?: number;
  /** The lock cannot be made. */
  isLockTaken?: boolean;
  /** Of services, before and after they were rolled. */
  states?: Record<string, string>;
  afterRoll?: Record<string, string>;
  /** Each service is `updating` at the first look after its roll. */
  watchesOnce?: boolean;
}

/** Runs the script with a docker that answers from `world` and notes what it changes. */
function restart(world: World) {
  using directory = temporaryDirectory();
  const file = (name: string) => `${directory.path}/${name}`;
  const stateOf = (states: Record<string, string>, otherwise: string) =>
    `case $3 in ${Object.entries(states)
      .map(([service, state]) => `${service}) echo ${state} ;;`)
      .join(" ")} *) echo ${otherwise} ;; esac`;
  writeFileSync(
    file("docker"),
    `#!/bin/bash
note() { echo "$*" >>${file("calls")}; }
case "$1 $2" in
  "node inspect") echo ${world.leader ?? "true"} ;;
  "config inspect") ${world.lockExpires ? `case $5 in *expires*) echo ${world.lockExpires} ;; *) echo the deployment ;; esac` : "exit 1"} ;;
  "config create") cat >/dev/null; note config create "$7"; ${world.isLockTaken ? "exit 1" : "exit 0"} ;;
  "config rm") note config rm "$3" ;;
  "service inspect")
    if grep -qs "^service update $3$" ${file("calls")}; then
      ${world.watchesOnce ? `[ -e ${file("seen")}-$3 ] || { touch ${file("seen")}-$3; echo updating; exit; }` : ""}
      ${stateOf(world.afterRoll ?? {}, "completed")}; else ${stateOf(world.states ?? {}, "''")}; fi ;;
  "service update") note service update "$5" ;;
esac
`,
    { mode: 0o755 },
  );
  const script = renderRestartScript().replace("/run/lock/orbweaver-restart", file("flock"));
  const env = { ...process.env, PATH: `${directory.path}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync("bash", ["-s"], { input: script, env, encoding: "utf8" });
  const calls = existsSync(file("calls")) ? readFileSync(file("calls"), "utf8").trim().split("\n") : [];
  return { status, stdout, stderr, calls };
}

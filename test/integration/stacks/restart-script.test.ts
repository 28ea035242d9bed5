import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { LOCK } from "../../../stacks/render/fleet-lock.ts";
import { renderRestartScript } from "../../../stacks/render/restart-script.ts";
import { GROUPS } from "../../../stacks/roles.ts";
import { fakeSwarm, noted } from "../../fixtures/fake-swarm.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

const roll = (group: string) => `service update ${group}`;

test("the leader takes the lock, restarts the five groups in turn, and releases the lock", () => {
  const { status, calls, locks, stderr } = restart({});

  assert.equal(status, 0, stderr);
  assert.deepEqual([calls, locks], [GROUPS.map(roll), []]);
});

const reasons: [string, World, RegExp, string[]][] = [
  ["another manager is the leader", { leader: "false" }, /another manager/, []],
  ["a live deployment holds the lock", { lock: "live" }, /lock is held by the deployment/, [LOCK]],
  ["a service is being updated", { states: { webui: "updating" } }, /webui is being updated/, []],
];

for (const [name, world, message, expected] of reasons) {
  test(`no service is restarted when ${name}`, () => {
    const { status, stdout, calls, locks } = restart(world);

    assert.deepEqual([status, calls, locks.filter((lock) => lock === LOCK)], [0, [], expected]);
    assert.match(stdout, message);
  });
}

test("the lock of a dead holder is taken over", () => {
  const { calls, locks, stdout } = restart({ lock: "dead" });

  assert.deepEqual([calls, locks], [GROUPS.map(roll), []]);
  assert.match(stdout, /^dead the deployment$/m);
});

test("the script waits for a group that Swarm still monitors when the client has finished", () => {
  const { status, calls } = restart({ watchesOnce: true });

  assert.equal(status, 0);
  assert.deepEqual(calls, GROUPS.map(roll));
});

test("a group that does not become healthy ends the restart, and the error names it", () => {
  const { status, stderr, calls } = restart({ afterRoll: { fetcher: "rollback_completed" } });

  assert.deepEqual([status, calls], [1, [roll("renderer"), roll("fetcher")]]);
  assert.match(stderr, /fetcher: the restart ended in state rollback_completed/);
});

interface World {
  leader?: string;
  /** Another holds the lock, and makes heartbeats, or has died. */
  lock?: "live" | "dead";
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
  const swarm = fakeSwarm(
    directory.path,
    `note() { echo "$*" >>${file("calls")}; }
case "$1 $2" in
  "node inspect") echo ${world.leader ?? "true"} ;;
  "service inspect")
    if grep -qs "^service update $3$" ${file("calls")}; then
      ${world.watchesOnce ? `[ -e ${file("seen")}-$3 ] || { touch ${file("seen")}-$3; echo updating; exit; }` : ""}
      ${stateOf(world.afterRoll ?? {}, "completed")}; else ${stateOf(world.states ?? {}, "''")}; fi ;;
  "service update") note service update "$5" ;;
esac`,
  );
  if (world.lock) swarm.lock(LOCK, "the deployment");
  // The lock's watcher sleeps; a live holder makes a heartbeat in that time.
  const beat =
    world.lock === "live"
      ? `mkdir -p ${directory.path}/configs/by-name/${LOCK}-beat-old-1 && echo beat >${directory.path}/configs/by-name/${LOCK}-beat-old-1/id`
      : ":";
  writeFileSync(file("sleep"), `#!/bin/bash\n${beat}\nexec /bin/sleep 0.3\n`, { mode: 0o755 });
  const script = renderRestartScript().replace("/run/lock/orbweaver-restart", file("flock")).replaceAll("-ge 60", "-ge 1");
  const env = { ...process.env, PATH: `${directory.path}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync("bash", ["-s"], { input: script, env, encoding: "utf8" });
  return { status, stdout, stderr, calls: noted(file("calls")), locks: swarm.names() };
}

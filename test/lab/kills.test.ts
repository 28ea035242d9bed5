/**
 * Deployments that are stopped at any moment: one `up` afterwards ends where an undisturbed one does.
 *
 * Only with `./orb test --long`; `SEED=…` repeats its draws.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { readLab } from "../../lab/lab.ts";
import type { DriftReport } from "../../services/cli/stack/drift.ts";
import { changeConfig, type Outcome, on, orb, orbJson, untilWell } from "../fixtures/lab-fleet.ts";
import { labSkipReason } from "../fixtures/lab-machine.ts";
import { startOrb } from "../fixtures/orb.ts";
import { endTree } from "../fixtures/process-tree.ts";
import { createRandom, seedsOf } from "../fixtures/random.ts";

const KILLS = 10;
const FIRST_UP_SECONDS = 150;
const UPDATE_SECONDS = 30;
const skip =
  process.env.TEST_LONG === "1"
    ? ((await labSkipReason()) ?? ((await readLab()) ? "a lab is up on this machine" : false))
    : "twenty deployments that are killed take long: ./orb test --all --long";
const options = { skip, timeout: 900_000 };
const [seed = 0] = seedsOf(1);
const random = createRandom(seed);
/** Half of them by Ctrl-C, half as when the operator's machine loses power. */
const draw = (most: number) =>
  Array.from({ length: KILLS }, (_, index) => ({
    signal: index % 2 === 0 ? ("SIGINT" as const) : ("SIGKILL" as const),
    seconds: random.between(1, most * 10) / 10,
  }));
/** Names of containers by host, without those of single replicas. */
let undisturbed: string[] = [];

before(async () => {
  if (skip === false) await startLab();
});
after(async () => {
  if (skip === false) await orb("lab", "down");
});

test(`an undisturbed first up, to compare with (seed ${seed})`, options, async () => {
  await orbJson<Outcome>("up", "--stack", "lab", "--yes");
  await untilWell();
  undisturbed = await allContainers();
});

for (const { signal, seconds } of draw(UPDATE_SECONDS)) {
  test(`an update with ${signal} after ${seconds} s, then one up`, options, async () => {
    await changeConfig((config) => {
      const isOdd = (config["orbweaver:limits"] as { webui?: string } | undefined)?.webui === "288MiB";
      return {
        ...config,
        "orbweaver:limits": { webui: isOdd ? "256MiB" : "288MiB" },
        "orbweaver:restart": `*-02-29 0${isOdd ? 3 : 4}:30:00`,
      };
    });
    await stopUp(signal, seconds);
    await assertOneUpEndsRight();
  });
}

for (const { signal, seconds } of draw(FIRST_UP_SECONDS)) {
  test(`a first up with ${signal} after ${seconds} s, then one up`, options, async () => {
    await orb("lab", "down");
    await startLab();
    await stopUp(signal, seconds);
    await assertOneUpEndsRight();
  });
}

async function startLab(): Promise<void> {
  const { code, stderr } = await orb("lab", "up", "--bare");
  assert.equal(code, 0, stderr);
}

async function stopUp(signal: "SIGINT" | "SIGKILL", seconds: number): Promise<void> {
  await using up = startOrb(["up", "--stack", "lab", "--yes"]);
  const { pid } = up.process;
  assert.ok(pid !== undefined);
  const isOver = await Promise.race([up.ended.then(() => true), delay(seconds * 1_000, false)]);
  if (!isOver && signal === "SIGINT") up.process.kill("SIGINT");
  if (!isOver && signal === "SIGKILL") endTree(pid);
  const { code, stderr } = await up.ended;
  process.stderr.write(
    `${isOver ? "was over before it was stopped" : `stopped by ${signal}`}, exit code ${code}:\n${stderr.slice(-400)}\n`,
  );
}

async function assertOneUpEndsRight(): Promise<void> {
  await orbJson<Outcome>("up", "--stack", "lab", "--yes");
  await untilWell();
  const drift = JSON.parse((await orb("drift", "--stack", "lab", "--json")).stdout) as DriftReport;
  assert.deepEqual([drift.drifts, drift.unchecked], [[], []]);
  assert.deepEqual(await allContainers(), undisturbed);
  const { changes } = await orbJson<Outcome>("up", "--stack", "lab", "--yes");
  assert.deepEqual({ ...changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
}

/** A replica is named after its task, which has an id of its own each time, and lies where Swarm puts it. */
async function allContainers(): Promise<string[]> {
  const found: string[] = [];
  for (const host of ["data", "work1", "work2"]) {
    const names = (await on(host, "docker ps --format '{{.Names}}'")).split("\n").filter(Boolean);
    for (const name of names) found.push(name.includes(".") ? (name.split(".")[0] ?? "") : `${host} ${name}`);
  }
  return found.sort();
}

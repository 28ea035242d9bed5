import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SPREAD_FUNCTION } from "../../../stacks/render/spread-script.ts";
import { SWARM_CALL } from "../../../stacks/render/swarm-call.ts";
import { noted } from "../../fixtures/fake-swarm.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { until } from "../../fixtures/until.ts";

test("replicas that are all on one host are spread evenly, and their number stays", () => {
  const { replicas, scales, stdout } = spread({ hosts: ["one", "two"], replicas: ["one", "one", "one", "one"] });

  assert.deepEqual(replicas, ["one", "one", "two", "two"]);
  assert.deepEqual(scales, ["webui=5", "webui=4", "webui=5", "webui=4"]);
  assert.equal(stdout, "moving a replica of webui to a host with fewer\n".repeat(2));
});

const still: [string, World][] = [
  ["the replicas are even", { hosts: ["one", "two"], replicas: ["one", "two"] }],
  ["one host has one more", { hosts: ["one", "two"], replicas: ["one", "one", "two"] }],
  ["the other host is down", { hosts: ["one"], down: ["two"], replicas: ["one", "one"] }],
  ["the other host is being drained", { hosts: ["one"], drained: ["two"], replicas: ["one", "one"] }],
  ["there are no replicas", { hosts: ["one", "two"], replicas: [] }],
];

for (const [name, world] of still) {
  test(`nothing is moved when ${name}`, () => {
    const { replicas, scales, stdout } = spread(world);

    assert.deepEqual([replicas, scales, stdout], [world.replicas, [], ""]);
  });
}

test("a host that gets no replica ends the spreading after one attempt", () => {
  const { replicas, scales } = spread({ hosts: ["one", "two"], replicas: ["one", "one"], refuses: "two" });

  assert.deepEqual(
    [replicas, scales],
    [
      ["one", "one"],
      ["webui=3", "webui=2"],
    ],
  );
});

test("a replica that does not start is taken away again, and nothing fails", () => {
  const { status, scales } = spread({ hosts: ["one", "two"], replicas: ["one", "one"], starting: true });

  assert.deepEqual([status, scales.at(-1)], [0, "webui=2"]);
});

test("a script that is terminated while a replica starts leaves the wanted number", async () => {
  using directory = temporaryDirectory();
  const { script, env } = prepare(directory.path, { hosts: ["one", "two"], replicas: ["one", "one"], starting: true }, 60);
  const child = spawn("bash", ["-c", script], { env, detached: true });
  const scales = () => noted(join(directory.path, "scales"));
  await until("a replica more is wanted", () => scales().includes("webui=3"));

  process.kill(-(child.pid ?? 0), "SIGTERM");
  await once(child, "close");

  assert.deepEqual(scales(), ["webui=3", "webui=2"]);
});

interface World {
  hosts: string[];
  down?: string[];
  drained?: string[];
  /** The host of each replica. */
  replicas: string[];
  /** A host on which Swarm starts none. */
  refuses?: string;
  /** A new replica never becomes healthy. */
  starting?: boolean;
}

/** Runs `spread webui` with a docker that places and stops replicas as Swarm does. */
function spread(world: World) {
  using directory = temporaryDirectory();
  const { script, env } = prepare(directory.path, world, 2);
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { env, encoding: "utf8" });
  assert.equal(stderr, "");
  const replicas = readFileSync(join(directory.path, "replicas"), "utf8").split("\n").filter(Boolean).sort();
  assert.ok(!existsSync(join(directory.path, "stopping")), "the last replica has stopped");
  return { status, stdout, replicas, scales: noted(join(directory.path, "scales")) };
}

function prepare(folder: string, { hosts, down = [], drained = [], replicas, refuses = "", starting = false }: World, patience: number) {
  const nodes = [
    ...hosts.map((host) => ["Ready", "Active", host]),
    ...down.map((host) => ["Down", "Active", host]),
    ...drained.map((host) => ["Ready", "Drain", host]),
  ];
  const list = (line: (status: string, availability: string, host: string) => string) =>
    nodes.map(([status = "", availability = "", host = ""]) => `'host ${line(status, availability, host)}'`).join(" ");
  const open = hosts.filter((host) => host !== refuses);
  writeFileSync(join(folder, "replicas"), replicas.map((host) => `${host}\n`).join(""));
  const docker = `#!/bin/bash
cd ${folder}
count() { sort replicas | uniq -c | sort -n; }
case "$1 $2" in
  "node ls")
    case "$*" in
      *Availability*) printf '%s\\n' ${list((status, availability, host) => `${status} ${availability} ${host}`)} ;;
      *) printf '%s\\n' ${list((status, _, host) => `${status} ${host}`)} ;;
    esac ;;
  "service inspect") wc -l <replicas ;;
  "service ps")
    case "$*" in
      *CurrentState*)
        sed 's/.*/replica Running Running 5 seconds ago on &/' replicas | { if ${starting} && [ -e added ]; then sed '$ s/ Running 5/ Starting 5/'; else cat; fi; }
        echo 'replica Shutdown Failed 2 hours ago on one'
        echo 'replica Shutdown Running 2 hours ago on lost'
        # A stopped replica still runs at the first look.
        if [ -e stopping ]; then cat stopping; rm stopping; fi ;;
      *) sed 's/^/replica Running Active /' replicas ;;
    esac ;;
  "service scale")
    echo "$4" >>scales
    wanted=\${4#*=}
    while [ "$(wc -l <replicas)" -lt "$wanted" ]; do
      { cat replicas; printf '%s\\n' ${open.join(" ")}; } | sort | uniq -c | sort -n | awk 'NR == 1 { print $2 }' >>replicas
      touch added
    done
    while [ "$(wc -l <replicas)" -gt "$wanted" ]; do
      fullest=$(count | awk 'END { print $2 }')
      sed -i "0,/^$fullest$/{/^$fullest$/d}" replicas
      rm -f added
      echo 'replica Remove Running 9 seconds ago on one' >stopping
    done ;;
esac
`;
  writeFileSync(join(folder, "docker"), docker, { mode: 0o755 });
  const script = `set -euo pipefail\n${SWARM_CALL}\n${SPREAD_FUNCTION}\nspread webui`.replaceAll("SECONDS + 120", `SECONDS + ${patience}`);
  return { script, env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } };
}

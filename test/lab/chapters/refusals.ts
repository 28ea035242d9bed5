import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dump, load } from "js-yaml";
import { readFleet } from "../../../lab/fleet.ts";
import { containerIds, type StackConfig } from "../../fixtures/lab-fleet.ts";
import { startNode } from "../../fixtures/orb.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import type { Chapter } from "./chapter.ts";

const MAIN = join(import.meta.dirname, "../../../services/cli/main.ts");
/** EX_CONFIG of sysexits.h. */
const REFUSED = 78;

const refusals: [what: string, spoil: (config: StackConfig) => void, says: RegExp[]][] = [
  [
    "two hosts with one mesh address, an unknown role, a limit above a host's memory and a missing secret, all at once",
    (config) => {
      Object.assign(config["orbweaver:hosts"][2] ?? {}, { meshIp: "10.77.0.2" });
      config["orbweaver:replicas"] = { webui: 4, fetchers: 2 };
      config["orbweaver:limits"] = { renderer: "8GiB" };
      delete config["orbweaver:secret"];
    },
    [
      /orbweaver:hosts\[2\]\.meshIp = "10\.77\.0\.2": hosts\[1\] has it/,
      /orbweaver:replicas\.fetchers: it is unknown: remove it/,
      /orbweaver:limits\.renderer = "8GiB": work1 has 4GiB/,
      /orbweaver:secret: set it: pulumi config set --secret/,
    ],
  ],
  [
    "no data host and no edge",
    (config) => {
      config["orbweaver:hosts"] = config["orbweaver:hosts"].slice(1).map((host) => ({ ...host, edge: false }));
    },
    [/orbweaver:hosts: no host has the role data/, /orbweaver:hosts: no host is the edge/],
  ],
  [
    "a host that does not answer SSH, and one with less memory than the config says",
    (config) => {
      Object.assign(config["orbweaver:hosts"][1] ?? {}, { memory: "512GiB" });
      config["orbweaver:hosts"].push({ name: "work3", address: "198.51.100.99", meshIp: "10.77.0.4", role: "worker", memory: "4GiB" });
    },
    [
      /orbweaver:hosts\[3\]\.address = "198\.51\.100\.99": no SSH server answers there \(.*No route to host\): start the host, correct its address/,
      /orbweaver:hosts\[1\]\.memory = "524288MiB": the host has \d+ MiB/,
    ],
  ],
];

/** What is wrong with a stack config is said before anything changes. */
export function refusalsChapter({ fleet, options }: Chapter): void {
  for (const [what, spoil, says] of refusals) {
    test(`${what}: up refuses it, and nothing changes`, options, async () => {
      const earlier = await containerIds(fleet().lab);
      const { code, stderr } = await upWith(spoil);

      assert.equal(code, REFUSED, stderr);
      for (const pattern of says) assert.match(stderr, pattern);
      assert.deepEqual(await containerIds(fleet().lab), earlier);
    });
  }

  async function upWith(spoil: (config: StackConfig) => void) {
    const known = await readFleet();
    assert.ok(known);
    using directory = temporaryDirectory();
    const file = "Pulumi.lab.yaml";
    cpSync(join(known.directory, "Pulumi.yaml"), join(directory.path, "Pulumi.yaml"));
    const stack = load(readFileSync(join(known.directory, file), "utf8")) as { config: StackConfig };
    spoil(stack.config);
    writeFileSync(join(directory.path, file), dump(stack));
    const [program = "", ...enter] = [...known.enter, process.execPath];
    await using orb = startNode([MAIN, "up", "--stack", "lab", "--config", directory.path], {
      env: known.environment,
      program: [program, ...enter],
    });
    return await orb.ended;
  }
}

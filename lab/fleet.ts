/** The fleet on the lab's hosts: its stack config, and the environment of the engine that deploys it. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { stackDirectory } from "../stacks/stack-directory.ts";
import { type CommandOptions, type LabWork, run } from "./command.ts";
import { ensurePulumi } from "./engine/pulumi.ts";
import { hostKind } from "./hosts/kinds.ts";
import type { Lab } from "./lab.ts";
import { LAB_STACK, type LabPaths, labPaths } from "./paths.ts";
import { ensureProviders } from "./providers/find.ts";

/** How to run a program on the fleet's stack. */
export interface LabFleet {
  /** The prefix of the command. */
  enter: string[];
  /** For `--config`: `Pulumi.yaml` and `Pulumi.lab.yaml` are here. */
  directory: string;
  /** Added to the program's environment. */
  environment: Record<string, string>;
}

const PARTS = fileURLToPath(new URL("../Pulumi.lab.yaml", import.meta.url));

/**
 * Writes the stack config of a running lab, once: later changes to it, such as by `./orb scale`, stay until the lab goes down.
 *
 * @throws LabMachineError if there is no Pulumi engine and none can be built.
 */
export async function ensureFleet(lab: Lab, work: LabWork, paths: LabPaths = labPaths()): Promise<LabFleet> {
  const directory = join(paths.state, "fleet");
  const known = await readFleet(paths);
  if (known) return known;
  const pulumi = await ensurePulumi(work);
  // Of hosts that are gone.
  await rm(stackDirectory(LAB_STACK), { recursive: true, force: true });
  await mkdir(join(directory, "backend"), { recursive: true, mode: 0o700 });
  const providers = await ensureProviders(join(directory, "providers"), work);
  const write = (name: string, text: string) => writeFile(join(directory, name), text, { mode: 0o600 });
  await write("passphrase", randomBytes(32).toString("hex"));
  await write("Pulumi.yaml", "name: orbweaver\nruntime: nodejs\n");
  await write(`Pulumi.${LAB_STACK}.yaml`, JSON.stringify({ config: await configOf(lab) }, undefined, 2));
  const environment = {
    PATH: [providers, dirname(pulumi.path), process.env.PATH ?? ""].join(delimiter),
    PULUMI_BACKEND_URL: `file://${join(directory, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(directory, "passphrase"),
    PULUMI_SKIP_UPDATE_CHECK: "1",
  };
  await initStack(pulumi.path, { directory, environment, signal: work.signal });
  const fleet: LabFleet = { enter: lab.enter, directory, environment };
  await write("fleet.json", JSON.stringify(fleet));
  return fleet;
}

/** As a user does it: the secret is encrypted in the stack config, and the engine stores it nowhere else. */
async function initStack(pulumi: string, options: Pick<CommandOptions, "directory" | "environment" | "signal">): Promise<void> {
  await run([pulumi, "--non-interactive", "stack", "init", LAB_STACK], options);
  const setSecret = ["config", "set", "--stack", LAB_STACK, "--secret", "orbweaver:secret"];
  await run([pulumi, "--non-interactive", ...setSecret], { ...options, input: randomBytes(32).toString("hex") });
}

/** The result of the last `ensureFleet`; undefined if the lab has been down since. */
export async function readFleet(paths: LabPaths = labPaths()): Promise<LabFleet | undefined> {
  const path = join(paths.state, "fleet", "fleet.json");
  return existsSync(path) ? (JSON.parse(await readFile(path, "utf8")) as LabFleet) : undefined;
}

async function configOf({ privateKeyPath, images, hosts }: Lab): Promise<Record<string, unknown>> {
  const { config } = load(await readFile(PARTS, "utf8")) as { config: { "orbweaver:hosts": { name: string }[] } };
  const accessOf = (name: string) => {
    const kind = hosts.find((host) => host.name === name)?.kind;
    return kind === undefined ? {} : { ssh: { user: hostKind(kind).user, port: hostKind(kind).port } };
  };
  return {
    ...config,
    "orbweaver:hosts": config["orbweaver:hosts"].map((host) => ({ ...host, ...accessOf(host.name) })),
    "orbweaver:ssh": { privateKeyPath },
    "orbweaver:images": images,
  };
}

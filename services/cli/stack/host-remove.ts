/** `./orb host remove --dead`: takes a worker host that is lost for good out of swarm, state, config and mesh. */
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import type { Host } from "../../../stacks/config.ts";
import { readHostKeys, writeHostKeys } from "../../../stacks/host-keys.ts";
import { removeNodeScript } from "../../../stacks/render/swarm-script.ts";
import { knownHostsFile } from "../../../stacks/stack-directory.ts";
import { UsageError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { askYes } from "./ask.ts";
import { type DeployFlags, up } from "./deploy.ts";
import { type Fleet, fleetOf, hostNamed, runOn } from "./fleet-hosts.ts";
import { openStack, PROJECT } from "./open-stack.ts";
import { exportOf, withEngineLock } from "./pulumi-state.ts";
import { runEngine } from "./run-engine.ts";
import { resourcesOn, withoutResources } from "./state-hosts.ts";
import { withFleetLock } from "./with-lock.ts";

const say = (line: string) => process.stderr.write(`${line}\n`);

/**
 * Removes the host, then deploys, so that the other hosts' mesh and firewall no longer know it. It may be run again after it was interrupted.
 *
 * @throws UsageError if there is no such host, if it is the data host, or if it answers.
 */
export async function removeDeadHost(flags: DeployFlags, name: string): Promise<number> {
  const stack = await openStack(flags.stack, flags.config);
  const fleet = await fleetOf(stack);
  const host = hostNamed(fleet, name);
  if (host.role === "data") refuse(name, "it is the data host: put a bare host in its place, then run ./orb host trust and ./orb up");
  if ((await runOn(fleet, host, "true")).code === 0) refuse(name, "it answers SSH: --dead is for hosts that are lost for good");
  say(`${name} is removed: its containers are forgotten, its replicas run on the other hosts. Nothing on ${name} itself is changed.`);
  if (!flags.yes && !(await askYes("Go on?"))) return EXIT.failed;
  await runEngine({ stack, say, phase: `removing ${name}` }, ({ signal }) =>
    withFleetLock(fleet, { say, signal }, async () => {
      await withEngineLock({ stack, say, signal }, () => forget(stack, host));
      await leaveSwarm(fleet, host);
      await leaveConfig(stack, fleet, host);
    }),
  );
  return up(flags);
}

function refuse(value: string, remedy: string): never {
  throw new UsageError("host remove", [{ path: "NAME", value, remedy }]);
}

async function forget(stack: Stack, host: Host): Promise<void> {
  const exported = await exportOf(stack);
  const urns = resourcesOn(exported, host);
  if (urns.length === 0) return;
  await stack.importStack(withoutResources(exported, urns));
  say(`${urns.length} resources of ${host.name} are forgotten`);
}

async function leaveSwarm(fleet: Fleet, { name, meshIp }: Host): Promise<void> {
  for (const other of fleet.config.hosts.filter((candidate) => candidate.name !== name)) {
    const { code, stdout } = await runOn(fleet, other, removeNodeScript(meshIp));
    if (code !== 0) continue;
    if (stdout.trim() !== "") say(`${name} is no node of the swarm any more`);
    return;
  }
}

async function leaveConfig(stack: Stack, { config }: Fleet, { name }: Host): Promise<void> {
  const index = config.hosts.findIndex((host) => host.name === name);
  await stack.removeConfig(`${PROJECT}:hosts[${index}]`, true);
  const file = knownHostsFile(stack.name);
  writeHostKeys(file, new Map([...readHostKeys(file)].filter(([known]) => known !== name)));
  if (config.hostKeys[name] !== undefined) await stack.removeConfig(`${PROJECT}:hostKeys.${name}`, true);
}

/** `./orb host remove --dead`: removes a permanently lost worker host from swarm, state, config and mesh. */
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import type { Host } from "../../../stacks/config.ts";
import { readHostKeys, writeHostKeys } from "../../../stacks/host-keys.ts";
import { removeNodeScript } from "../../../stacks/render/swarm-script.ts";
import { settingName } from "../../../stacks/setting-names.ts";
import { knownHostsFile } from "../../../stacks/stack-directory.ts";
import { UsageError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { say } from "../terminal.ts";
import { askYes } from "./ask.ts";
import { type DeployFlags, up } from "./deploy.ts";
import { type Fleet, fleetOf, hostNamed, runOn } from "./fleet-hosts.ts";
import { openStack } from "./open-stack.ts";
import { exportOf, withEngineLock } from "./pulumi-state.ts";
import { runEngine } from "./run-engine.ts";
import { resourcesOn, withoutResources } from "./state-hosts.ts";
import { withFleetLock } from "./with-lock.ts";

/**
 * Removes the host, then deploys, so that the other hosts remove it from mesh and firewall. An interrupted removal can be repeated.
 *
 * @throws UsageError if the host does not exist, is the data host, or answers.
 */
export async function removeDeadHost(flags: DeployFlags, name: string): Promise<number> {
  const stack = await openStack(flags.stack, flags.config);
  const fleet = await fleetOf(stack);
  const host = hostNamed(fleet, name);
  if (host.role === "data") refuse(name, "it is the data host: replace it with a bare host, then run ./orb host trust and ./orb up");
  if ((await runOn(fleet, host, "true")).code === 0) refuse(name, "it answers SSH: --dead is only for permanently lost hosts");
  say(`removing ${name}: its containers leave the state, its replicas start on the other hosts. Nothing on ${name} itself is changed.`);
  if (!flags.yes && !(await askYes("Go on?"))) return EXIT.failed;
  const [phase, unfinished] = [`removing ${name}`, `the removal of ${name} is not complete`];
  await runEngine({ stack, say, phase, unfinished }, ({ signal }) =>
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
    if (stdout.trim() !== "") say(`${name} was removed from the swarm`);
    return;
  }
}

async function leaveConfig(stack: Stack, { config }: Fleet, { name }: Host): Promise<void> {
  const index = config.hosts.findIndex((host) => host.name === name);
  await stack.removeConfig(settingName(`hosts[${index}]`), true);
  const file = knownHostsFile(stack.name);
  writeHostKeys(file, new Map([...readHostKeys(file)].filter(([known]) => known !== name)));
  if (config.hostKeys[name] !== undefined) await stack.removeConfig(settingName(`hostKeys.${name}`), true);
}

/** `./orb up`, `preview` and `destroy`: only their effects. */
import type { DestroyOptions, Stack, StepEventMetadata, UpOptions } from "@pulumi/pulumi/automation/index.js";
import { edgeUrls, hostAddresses } from "../../../stacks/addresses.ts";
import { readHostKeys } from "../../../stacks/host-keys.ts";
import { DATA } from "../../../stacks/render/data-script.ts";
import { settingName } from "../../../stacks/setting-names.ts";
import { knownHostsFile } from "../../../stacks/stack-directory.ts";
import { DataNotDeletedError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { print, say } from "../terminal.ts";
import { confirm } from "./ask.ts";
import { changesText, hasChanges } from "./changes.ts";
import { driftedResources, refreshResources } from "./drift.ts";
import { type Fleet, fleetOf, runOn } from "./fleet-hosts.ts";
import { oldImagesNotice } from "./image-age.ts";
import { absentHosts, contactEarly, forgetContact, openStack } from "./open-stack.ts";
import { makePlan, type Plan, planText, removalPlan } from "./plan.ts";
import { planSteps } from "./plan-steps.ts";
import { exportOf, repairState, withEngineLock } from "./pulumi-state.ts";
import { runEngine } from "./run-engine.ts";
import { resourcesOf } from "./state-resources.ts";
import { withFleetLock } from "./with-lock.ts";

/** More at once opens more SSH connections than a hardened host takes. */
const PARALLEL = 8;

export interface DeployFlags extends StackFlags {
  /** Accepts the interruptions and data losses of the plan. */
  yes: boolean;
}

/** Deploys the fleet that the stack config describes, after a preview. Exits with 1 if the user at the terminal declines. */
export async function up(flags: DeployFlags): Promise<number> {
  return await upStack(await openStack(flags.stack, flags.config), flags);
}

/**
 * `up` for a stack that is open.
 *
 * @param isDecided the command line says what changes, and that it is accepted: there is no preview, which takes as long as a small deployment.
 */
export async function upStack(stack: Stack, { json, yes }: Pick<DeployFlags, "json" | "yes">, isDecided = false): Promise<number> {
  const began = Date.now();
  const fleet = await fleetOf(stack);
  const contacted = contactEarly(stack, fleet.config);
  const plan = isDecided ? await deployNow(stack, fleet, contacted) : await deployAsPlanned(stack, fleet, yes);
  if (plan === undefined) return unchanged();
  const { changes, steps } = plan;
  const seconds = Number(((Date.now() - began) / 1_000).toFixed(1));
  say(`done in ${seconds} s: ${changesText(changes, { isDone: true })}`);
  const { hosts, imagesOf } = fleet.config;
  const notice = oldImagesNotice(imagesOf, Date.now());
  if (notice !== undefined) say(notice);
  const summary = { stack: stack.name, edges: edgeUrls(fleet.config), hosts: hostAddresses(hosts) };
  const result = { edge: summary.edges[0], hosts: summary.hosts, changes, plan: steps, seconds };
  print(json ? `${JSON.stringify(result)}\n` : summaryText(summary));
  return EXIT.ok;
}

/** @returns the plan with the changes that were made; undefined if the user at the terminal declines. */
async function deployAsPlanned(stack: Stack, fleet: Fleet, yes: boolean): Promise<Plan | undefined> {
  const plan = await planMending(stack, fleet);
  say(planText(plan));
  await recordHostKeys(stack, fleet);
  if (!hasChanges(plan.changes)) return plan;
  const { isConfirmed, hasAsked } = await confirm(plan, yes);
  if (!isConfirmed) return undefined;
  if (hasAsked) forgetContact(stack);
  return { ...plan, changes: planSteps(await deploy(stack, fleet)).changes };
}

/** Deploys without a preview, changes made by hand included. @returns what was changed. */
async function deployNow(stack: Stack, fleet: Fleet, contacted: Promise<unknown>): Promise<Plan> {
  const [drifted] = await Promise.all([driftedResources(stack, fleet), contacted]);
  await sayAbsent(stack, fleet);
  await recordHostKeys(stack, fleet);
  if (drifted.length > 0) await refreshResources(stack, drifted);
  return makePlan(await deploy(stack, fleet));
}

/** Shows what `up` would do. Exits with 1 if there are changes and none were expected. */
export async function preview({ stack: name, config, json, expectNoChanges }: StackFlags & { expectNoChanges: boolean }): Promise<number> {
  const stack = await openStack(name, config);
  const plan = await previewOf(stack, await fleetOf(stack));
  const { changes, uncertain, steps } = plan;
  print(json ? `${JSON.stringify({ changes, uncertain, plan: steps })}\n` : `${planText(plan)}\n`);
  return expectNoChanges && hasChanges(changes) ? EXIT.failed : EXIT.ok;
}

/** Removes the fleet. The data host's data folder stays, unless `deleteData` is set. */
export async function destroy({ stack: name, config, json, yes, deleteData }: DeployFlags & { deleteData: boolean }): Promise<number> {
  const stack = await openStack(name, config);
  const fleet = await fleetOf(stack);
  const dataHost = fleet.config.hosts.find(({ role }) => role === "data")?.name ?? "the data host";
  const plan = removalPlan(resourcesOf(await exportOf(stack)), { dataHost, deleteData });
  say(planText(plan));
  const { isConfirmed } = await confirm(plan, yes);
  if (!isConfirmed) return unchanged();
  const { changes } = planSteps(await removeFleet(stack, fleet));
  if (deleteData) await deleteAllData(fleet);
  print(json ? `${JSON.stringify({ changes, plan: plan.steps })}\n` : `${changesText(changes, { isDone: true })}\n`);
  return EXIT.ok;
}

function unchanged(): number {
  say("nothing was changed");
  return EXIT.failed;
}

/** A preview that includes changes made by hand. The hosts are compared with the state while the preview runs, because drift is rare. */
async function planMending(stack: Stack, fleet: Fleet): Promise<Plan> {
  const [drifted, plan] = await Promise.all([driftedResources(stack, fleet), previewOf(stack, fleet)]);
  if (drifted.length === 0) return plan;
  await refreshResources(stack, drifted);
  return previewOf(stack, fleet);
}

/** Records the SSH keys of new hosts in the stack config, where every operator has them. */
async function recordHostKeys(stack: Stack, { stack: name, config }: Fleet): Promise<void> {
  const known = readHostKeys(knownHostsFile(name));
  const missing = config.hosts.flatMap((host) => {
    const key = config.hostKeys[host.name] === undefined ? known.get(host.name) : undefined;
    return key === undefined ? [] : [[host.name, key] as const];
  });
  if (missing.length === 0) return;
  await stack.setAllConfig(Object.fromEntries(missing.map(([host, key]) => [settingName(`hostKeys.${host}`), { value: key }])), true);
  say(`recorded the SSH keys of ${missing.map(([host]) => host).join(", ")} in Pulumi.${name}.yaml`);
}

/** A fleet continues without a worker host that does not answer; this prints a warning. */
async function sayAbsent(stack: Stack, { config }: Fleet): Promise<void> {
  for (const name of await absentHosts(
    stack,
    config.hosts.map((host) => host.name),
  ))
    say(`${name} does not answer: it is skipped. If it is permanently lost:  ./orb host remove ${name} --dead`);
}

async function previewOf(stack: Stack, fleet: Fleet): Promise<Plan> {
  const phase = "computing the changes";
  say(phase);
  const { planned } = await runEngine({ stack, say, phase }, ({ onEvent, signal }) =>
    stack.preview({ onEvent, signal, parallel: PARALLEL }),
  );
  await sayAbsent(stack, fleet);
  return makePlan(planned);
}

const deploy = (stack: Stack, fleet: Fleet) => changeFleet(stack, fleet, (options) => stack.up(options));

const removeFleet = (stack: Stack, fleet: Fleet) => changeFleet(stack, fleet, (options) => stack.destroy(options));

/** Runs the engine under both locks, after cleaning up what a killed deployment left. @returns the steps that were done. */
async function changeFleet(
  stack: Stack,
  fleet: Fleet,
  change: (options: UpOptions & DestroyOptions) => Promise<unknown>,
): Promise<StepEventMetadata[]> {
  const { done } = await runEngine({ stack, say, phase: "waiting for the engine" }, ({ onEvent, signal }) =>
    withFleetLock(fleet, { say, signal }, async (hasWaited) => {
      if (hasWaited) forgetContact(stack);
      await repairState({ stack, fleet, say, signal });
      await withEngineLock({ stack, say, signal }, () => change({ onEvent, signal, parallel: PARALLEL, suppressOutputs: true }));
    }),
  );
  return done;
}

async function deleteAllData(fleet: Fleet): Promise<void> {
  const [data] = fleet.config.hosts.filter(({ role }) => role === "data");
  if (!data) return;
  say(`deleting ${DATA} on ${data.name}`);
  const { code, stderr } = await runOn(fleet, data, `rm -rf -- ${DATA}`);
  if (code !== 0) throw new DataNotDeletedError(data.name, DATA, stderr.trim() || `exit code ${code}`);
}

/** The next commands, for people. */
const summaryText = ({ stack, edges, hosts }: { stack: string; edges: string[]; hosts: Record<string, string> }): string =>
  [
    ...Object.entries(hosts).map(([name, address]) => `${name.padEnd(14)} ${address}`),
    `the web UI     ${edges.join(", ")}`,
    `its token      ./orb token --stack ${stack}`,
    `status          ./orb status --stack ${stack}`,
    "",
  ].join("\n");

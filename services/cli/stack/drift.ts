/** `./orb drift`: how the hosts differ from what was deployed to them, and what `./orb up` needs to repair it. */
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { NO_RECORDS } from "../../../stacks/host-records.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { print, say } from "../terminal.ts";
import { type Drift, findDockerDrift } from "./docker-drift.ts";
import { type Fleet, fleetOf } from "./fleet-hosts.ts";
import { askHosts, type HostAnswer } from "./host-report.ts";
import { contactEarly, openStack } from "./open-stack.ts";
import { exportOf, withEngineLock } from "./pulumi-state.ts";
import { runEngine } from "./run-engine.ts";
import { resourcesOf, type StateResource } from "./state-resources.ts";

export interface DriftReport {
  drifts: Drift[];
  /** One sentence each. */
  unchecked: string[];
}

/** Prints every difference. Exits with 1 if there is one, or if a check failed. */
export async function drift({ stack: name, config, json }: StackFlags): Promise<number> {
  const began = Date.now();
  const stack = await openStack(name, config);
  const fleet = await fleetOf(stack);
  const [exported, answers] = await Promise.all([exportOf(stack), askHosts(fleet, { say, withRecords: true })]);
  const report = findDrift(resourcesOf(exported), answers);
  const seconds = Number(((Date.now() - began) / 1_000).toFixed(1));
  print(json ? `${JSON.stringify({ ...report, seconds })}\n` : `${driftText(report)}checked in ${seconds} s\n`);
  return report.drifts.length + report.unchecked.length === 0 ? EXIT.ok : EXIT.failed;
}

/** Lists what was changed by hand, and returns the URNs of containers, networks, services and secrets that the engine has to refresh. */
export async function driftedResources(stack: Stack, fleet: Fleet): Promise<string[]> {
  const resources = resourcesOf(await exportOf(stack));
  if (resources.length === 0) return [];
  // A deployment compares the records itself.
  const [answers, facts] = await Promise.all([askHosts(fleet, { say, withRecords: false }), contactEarly(stack, fleet.config)]);
  if (facts === undefined) return [];
  const withRecords = answers.map(({ report, ...answer }) =>
    report ? { ...answer, report: { ...report, records: facts.get(answer.host.name)?.records ?? NO_RECORDS } } : answer,
  );
  const { drifts } = findDrift(resources, withRecords);
  for (const found of drifts) say(lineOf(found));
  return [...new Set(drifts.flatMap(({ refresh }) => refresh ?? []))];
}

/** Refreshes resources in the engine, so that the next deployment repairs them. */
export async function refreshResources(stack: Stack, target: string[]): Promise<void> {
  await runEngine({ stack, say, phase: "refreshing what differs" }, ({ onEvent, signal }) =>
    withEngineLock({ stack, say, signal }, () => stack.refresh({ target, onEvent, signal, suppressOutputs: true })),
  );
}

/** Compares the hosts with their own records and with the engine's state. */
export function findDrift(resources: readonly StateResource[], answers: readonly HostAnswer[]): DriftReport {
  const recorded = answers.flatMap(({ host, report }) =>
    (report?.records.drifts ?? []).map((note): Drift => ({ host: host.name, ...note })),
  );
  const inDocker = findDockerDrift(resources, answers);
  const isSame = (one: Drift) => (other: Drift) => one.host === other.host && one.what === other.what;
  // A missing service is in its script's record, too.
  return {
    drifts: [...recorded.filter((one) => !inDocker.some(isSame(one))), ...inDocker],
    unchecked: answers.flatMap(uncheckedOf),
  };
}

function uncheckedOf({ host, report, notAsked }: HostAnswer): string[] {
  if (report === undefined) return [`${host.name} could not be checked: ${notAsked}`];
  return [
    ...report.records.unknown.map(({ what }) => `${host.name}: ${what}`),
    ...(report.noDocker === undefined ? [] : [`${host.name}: Docker does not answer: ${report.noDocker}`]),
    ...(report.noQuorum === undefined ? [] : [`${host.name}: the swarm does not answer: ${report.noQuorum}`]),
  ];
}

const lineOf = ({ host, what, remedy = "./orb up repairs it" }: Drift) => `${host}: ${what}; ${remedy}`;

/** The report for people. */
export function driftText({ drifts, unchecked }: DriftReport): string {
  const lines = [
    ...drifts.map(lineOf),
    ...unchecked.map((sentence) => `not checked: ${sentence}`),
    ...(drifts.length + unchecked.length === 0 ? ["no drift: all hosts are as they were deployed"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

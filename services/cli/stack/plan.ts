/** The plan of a deployment: made from the events of a preview, shown to people and given to scripts. */
import type { StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { DATA } from "../../../stacks/render/data-script.ts";
import { type Changes, changesText } from "./changes.ts";
import { type PlanOperation, planSteps, removalStep } from "./plan-steps.ts";
import { describeSteps, type PlannedChange } from "./plan-words.ts";
import type { StateResource } from "./state-resources.ts";

export interface Plan {
  /** In the engine's order. */
  steps: PlannedChange[];
  changes: Changes;
  /** How many of `changes` depend on values that are known only later, by operation. */
  uncertain: Partial<Record<PlanOperation, number>>;
}

/** Parts of a host by the suffix of their resources' names, in the order in which they are set up. */
const HOST_PARTS: Record<string, string> = {
  bootstrap: "packages, firewall",
  mesh: "mesh",
  swarm: "swarm",
  bases: "images",
  balancer: "balancer",
  edge: "edge",
  restart: "timer of the scheduled restart",
};
const OF_HOST = /^(.+)-(bootstrap|mesh|mesh-check|swarm|swarm-worker|bases|roles|restart|front-bridge|(?:balancer|edge)(?:-settings)?)$/;

/** @param reported by the engine in a preview. */
export function makePlan(reported: readonly StepEventMetadata[]): Plan {
  const { steps, changes } = planSteps(reported);
  const uncertain: Plan["uncertain"] = {};
  for (const { operation, isUncertain } of steps) if (isUncertain) uncertain[operation] = (uncertain[operation] ?? 0) + 1;
  return { steps: describeSteps(steps), changes, uncertain };
}

export interface Removal {
  dataHost: string;
  /** The folder of data goes, too. */
  deleteData: boolean;
}

/** The plan of a removal of everything, from the resources of the state. */
export function removalPlan(resources: readonly StateResource[], { dataHost, deleteData }: Removal): Plan {
  const steps = describeSteps(resources.map(removalStep).reverse());
  const data: PlannedChange[] = deleteData
    ? [
        {
          ...{ operation: "delete", resource: DATA, isUncertain: false, subject: dataHost, text: `${DATA} is deleted` },
          losesData: "every project, task and result; nothing can bring them back",
        },
      ]
    : [];
  return { steps: [...steps, ...data], changes: { create: 0, update: 0, replace: 0, delete: resources.length, same: 0 }, uncertain: {} };
}

/** What a plan interrupts, as `<subject>: <what stops>`. */
export const interruptionsOf = ({ steps }: Plan): string[] =>
  steps.flatMap(({ subject, stops }) => (stops ? [`${subject}: ${stops}`] : []));

/** What data a plan loses, as `<subject>: <which>`. */
export const lossesOf = ({ steps }: Plan): string[] =>
  steps.flatMap(({ subject, losesData }) => (losesData ? [`${subject}: ${losesData}`] : []));

/** For people: one line of counts, then a line for each change; the same change of several things is one line. */
export function planText({ steps, changes, uncertain }: Plan): string {
  const lines = mergeSame(groupHosts(steps)).flatMap(({ subject, text, stops, losesData, isUncertain }) => [
    `  ${subject}: ${text}${isUncertain ? " (not certain before the steps above are done)" : ""}`,
    ...(stops ? [`    stops: ${stops}`] : []),
    ...(losesData ? [`    LOSES DATA: ${losesData}`] : []),
  ]);
  return [`plan: ${changesText(changes, { isDone: false, uncertain })}`, ...lines].join("\n");
}

/** All that is made on a host that joins, or removed from one that leaves, as one change. */
function groupHosts(steps: readonly PlannedChange[]): PlannedChange[] {
  const grouped = steps.filter(
    ({ resource, operation }) => resource.endsWith("-bootstrap") && (operation === "create" || operation === "delete"),
  );
  const groups = new Map(grouped.map((step) => [`${step.operation} ${hostOf(step)}`, partsOf(step, steps)]));
  const seen = new Set<string>();
  return steps.flatMap((step) => {
    const key = `${step.operation} ${hostOf(step)}`;
    const parts = groups.get(key);
    if (!parts) return [step];
    if (seen.has(key)) return [];
    seen.add(key);
    return [asGroup(step, parts)];
  });
}

const hostOf = ({ resource }: PlannedChange) => OF_HOST.exec(resource)?.[1];

/** Steps of the same host and operation. */
const partsOf = (step: PlannedChange, steps: readonly PlannedChange[]) =>
  steps.filter((other) => other.operation === step.operation && hostOf(other) === hostOf(step));

function asGroup(step: PlannedChange, parts: PlannedChange[]): PlannedChange {
  const host = hostOf(step) ?? "";
  const has = (suffix: string) => parts.some(({ resource }) => resource === `${host}-${suffix}`);
  const names = Object.entries(HOST_PARTS).flatMap(([suffix, name]) => (has(suffix) ? [name] : []));
  if (step.operation === "create") return { ...step, subject: host, text: `becomes a host of the fleet (${names.join(", ")})` };
  const stops = has("edge") ? { stops: `${host} does not answer HTTP any more` } : {};
  return { ...step, subject: host, text: "leaves the fleet; its replicas start on other hosts", ...stops };
}

function mergeSame(steps: readonly PlannedChange[]): PlannedChange[] {
  const merged = new Map<string, PlannedChange>();
  for (const step of steps) {
    const key = [step.operation, step.isUncertain, step.text, step.stops, step.losesData].join("\n");
    const earlier = merged.get(key);
    const subjects = [...new Set([...(earlier?.subject.split(", ") ?? []), step.subject])];
    merged.set(key, { ...step, subject: subjects.join(", ") });
  }
  return [...merged.values()];
}

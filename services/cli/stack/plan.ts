/** The plan of a deployment: made from a preview's events, for people and scripts. */
import type { StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { DATA } from "../../../stacks/render/data-script.ts";
import { IMAGE_STAGES } from "../../../stacks/render/image-script.ts";
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

/** Parts of a host by the suffix of their resources' names, in setup order. */
const HOST_PARTS: Record<string, string> = {
  bootstrap: "packages, firewall",
  mesh: "mesh",
  swarm: "swarm",
  bases: "images",
  balancer: "balancer",
  edge: "edge",
  restart: "timer of the scheduled restart",
};
const OF_HOST = new RegExp(
  `^(.+)-(bootstrap|mesh|mesh-check|swarm|swarm-worker|${IMAGE_STAGES.join("|")}|restart|front-bridge|(?:balancer|edge)(?:-settings)?)$`,
);

/** @param reported the steps that the engine reported in a preview. */
export function makePlan(reported: readonly StepEventMetadata[]): Plan {
  const { steps, changes } = planSteps(reported);
  const uncertain: Plan["uncertain"] = {};
  for (const { operation, isUncertain } of steps) if (isUncertain) uncertain[operation] = (uncertain[operation] ?? 0) + 1;
  return { steps: describeSteps(steps), changes, uncertain };
}

export interface Removal {
  dataHost: string;
  /** Also deletes the data folder. */
  deleteData: boolean;
}

/** The plan to remove everything, from the resources of the state. */
export function removalPlan(resources: readonly StateResource[], { dataHost, deleteData }: Removal): Plan {
  const steps = describeSteps(resources.map(removalStep).reverse());
  const data: PlannedChange[] = deleteData
    ? [
        {
          ...{ operation: "delete", resource: DATA, isUncertain: false, subject: dataHost, text: `${DATA} is deleted` },
          losesData: "every project, task and result; this cannot be undone",
        },
      ]
    : [];
  return { steps: [...steps, ...data], changes: { create: 0, update: 0, replace: 0, delete: resources.length, same: 0 }, uncertain: {} };
}

/** The interruptions of a plan, as `<subject>: <what stops>`. */
export const interruptionsOf = ({ steps }: Plan): string[] =>
  steps.flatMap(({ subject, stops }) => (stops ? [`${subject}: ${stops}`] : []));

/** The data losses of a plan, as `<subject>: <which>`. */
export const lossesOf = ({ steps }: Plan): string[] =>
  steps.flatMap(({ subject, losesData }) => (losesData ? [`${subject}: ${losesData}`] : []));

/** For people: a line of counts, then one line per change; equal changes of several subjects share a line. */
export function planText({ steps, changes, uncertain }: Plan): string {
  const lines = mergeSame(groupHosts(steps)).flatMap(({ subject, text, stops, losesData, isUncertain }) => [
    `  ${subject}: ${text}${isUncertain ? " (depends on the steps above)" : ""}`,
    ...(stops ? [`    stops: ${stops}`] : []),
    ...(losesData ? [`    LOSES DATA: ${losesData}`] : []),
  ]);
  return [`plan: ${changesText(changes, { isDone: false, uncertain })}`, ...lines].join("\n");
}

/** Combines all steps on a host that joins, or that leaves, into one change. */
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
  if (step.operation === "create") return { ...step, subject: host, text: `joins the fleet (${names.join(", ")})` };
  const stops = has("edge") ? { stops: `${host} no longer answers HTTP` } : {};
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

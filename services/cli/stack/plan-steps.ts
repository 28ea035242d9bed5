/** The steps of a plan, one per resource, from the engine's events. */
import type { StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import type { Changes } from "./changes.ts";
import { nameOf, type StateResource } from "./state-resources.ts";

export type PlanOperation = "create" | "update" | "replace" | "delete";

/** One resource's change. */
export interface PlanStep {
  operation: PlanOperation;
  type: string;
  /** In the program. */
  name: string;
  /** Property paths that differ, such as `mode.replicated.replicas`. */
  paths: string[];
  /** Every difference depends on a value that the engine does not know yet: the step may become smaller or disappear. */
  isUncertain: boolean;
  /** Inputs before and after; empty if absent. The engine hides secrets. */
  old: Record<string, unknown>;
  new: Record<string, unknown>;
  /** The provider changed: the resource moves to another host. */
  moves: boolean;
}

/** One step as text. */
export interface Wording {
  /** What it happens to: a host, a role, a part of the fleet. */
  subject: string;
  text: string;
  /** What stops working, and for how long. */
  stops?: string;
  /** Which data is lost. */
  losesData?: string;
}

export interface PlanSteps {
  steps: PlanStep[];
  changes: Changes;
}

/** The placeholder in inputs for a value that is unknown until another resource has changed. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The restart counter of a service; Swarm already has the new value. */
const RESTART_COUNT = "taskSpec.forceUpdate";

const OPERATIONS: Record<string, PlanOperation> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
};

/**
 * The steps of a deployment in the engine's order, one per resource. The engine reports a replacement as three steps; here it is one.
 * A service counts as unchanged if it differs only in its number of restarts.
 */
export function planSteps(reported: readonly StepEventMetadata[]): PlanSteps {
  const changes: Changes = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
  const steps = new Map<string, PlanStep>();
  const unchanged = new Set<string>();
  for (const metadata of reported) {
    const { op, urn } = metadata;
    if (isDefaultProvider(urn)) continue;
    const step = toStep(metadata);
    if (op === "same" || (step && isRestartOnly(step))) unchanged.add(urn);
    // The first step of a replacement that reports the differences counts.
    else if (step && !steps.get(urn)?.paths.length) steps.set(urn, step);
  }
  changes.same = unchanged.size;
  for (const { operation } of steps.values()) changes[operation] += 1;
  return { steps: [...steps.values()], changes };
}

/** A step that deletes a resource of the state. */
export const removalStep = ({ urn, type, inputs = {} }: StateResource): PlanStep => ({
  ...{ operation: "delete", type, name: nameOf(urn), paths: [], isUncertain: false, old: inputs, new: {}, moves: false },
});

/** The value at a property path such as `a.b[0]["c.d"]`; undefined if the path leads nowhere. */
export function valueAt(inputs: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted ?? index ?? plain ?? "",
  );
  return keys.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), inputs);
}

function toStep({ op, urn, type, old, new: next, detailedDiff, diffs, keys }: StepEventMetadata): PlanStep | undefined {
  const operation = OPERATIONS[op];
  if (!operation) return undefined;
  const paths =
    detailedDiff && Object.keys(detailedDiff).length > 0 ? Object.keys(detailedDiff) : [...new Set([...(diffs ?? []), ...(keys ?? [])])];
  const inputs = next?.inputs ?? {};
  const isChange = operation === "update" || operation === "replace";
  return {
    ...{ operation, type, name: nameOf(urn), paths, old: old?.inputs ?? {}, new: inputs },
    isUncertain: isChange && isUncertain(paths, inputs),
    moves: isChange && providerName(old?.provider) !== providerName(next?.provider),
  };
}

/** The engine creates these itself and does not count them. */
const isDefaultProvider = (urn: string) => /::pulumi:providers:[^:]+::default_/.test(urn);

const isRestartOnly = ({ operation, paths }: PlanStep) =>
  operation === "update" && paths.length > 0 && paths.every((path) => path === RESTART_COUNT);

/** The label holds the declaration that a service was made from. Changing it restarts no replica. */
function isUncertain(paths: readonly string[], inputs: Record<string, unknown>): boolean {
  const telling = paths.filter((path) => !path.startsWith("labels"));
  return telling.length > 0 && telling.every((path) => hasUnknown(inputs, path));
}

/** An unknown list or object covers everything in it. */
function hasUnknown(inputs: Record<string, unknown>, path: string): boolean {
  const value = valueAt(inputs, path);
  if (value !== undefined) return value === UNKNOWN;
  const parent = path.replace(/(?:\.[^.[\]]+|\[[^\]]*\])$/, "");
  return parent !== path && hasUnknown(inputs, parent);
}

/** Of `urn:…::pulumi:providers:docker::data-docker::<id>`: `data-docker`. */
const providerName = (reference: string | undefined) => reference?.split("::")[3] ?? "";

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

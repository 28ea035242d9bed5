/** A plan as text: changes by part of the fleet, interruptions with their duration, and data losses. */
import { DATA } from "../../../stacks/render/data-script.ts";
import { ROLES } from "../../../stacks/roles.ts";
import { MIB } from "../../core/protocol/byte-units.ts";
import { scriptWords } from "./plan-scripts.ts";
import { type PlanOperation, type PlanStep, valueAt, type Wording } from "./plan-steps.ts";

/** One step of a plan, for people and for scripts. */
export interface PlannedChange extends Wording {
  operation: PlanOperation;
  /** In the program. */
  resource: string;
  /** The step depends on a value that is known only later: it may become smaller or disappear. */
  isUncertain: boolean;
}

const CONTAINER = "docker:index/container:Container";
const SERVICE = "docker:index/service:Service";
const NETWORK = "docker:index/network:Network";
const SECRET = "docker:index/secret:Secret";

/** What stops when a container of the data host is replaced. Estimates: a graceful stop with a checkpoint, then a start with its health check. */
const DATA_CONTAINERS: Record<string, { stops?: string; keeps: string }> = {
  postgres: { stops: "the crawl and the web UI stop for about 20 s", keeps: "data stays" },
  redis: { stops: "the crawl has no queue for about 5 s", keeps: "tasks in flight are sent again" },
  registry: { keeps: "no image can be pulled for about 5 s; nothing stops" },
};

/** Every step of a plan as text, in the engine's order. Groups and providers are left out, because they do nothing themselves. */
export function describeSteps(steps: readonly PlanStep[]): PlannedChange[] {
  return steps.flatMap((step) => {
    const { operation, name, isUncertain, type } = step;
    if (isBookkeeping(type)) return [];
    return [{ operation, resource: name, isUncertain, ...wordsOf(step) }];
  });
}

const isBookkeeping = (type: string) => /^(?:orbweaver:|pulumi:)/.test(type);

function wordsOf(step: PlanStep): Wording {
  if (step.type.startsWith("command:")) return scriptWords(step);
  if (step.type === CONTAINER) return containerWords(step);
  if (step.type === SERVICE) return serviceWords(step);
  if (step.type === NETWORK) return networkWords(step);
  if (step.type === SECRET) return secretWords(step);
  return { subject: step.name, text: PASSIVE[step.operation] };
}

const PASSIVE: Record<PlanOperation, string> = {
  create: "is created",
  update: "is updated in place",
  replace: "is replaced",
  delete: "is removed",
};

function containerWords(step: PlanStep): Wording {
  const front = /^(.+)-(balancer|edge)$/.exec(step.name);
  return front ? frontWords(step, { host: front[1] ?? "", front: front[2] as "balancer" | "edge" }) : dataWords(step);
}

function dataWords({ name, operation, moves }: PlanStep): Wording {
  const known = DATA_CONTAINERS[name];
  if (operation === "create") return { subject: name, text: "container starts" };
  if (operation === "update") return { subject: name, text: "container is updated in place; no restart" };
  if (operation === "delete") {
    const stops = known?.stops ? { stops: "the crawl and the web UI stop permanently" } : {};
    return { subject: name, text: `container is removed; its folder in ${DATA} stays`, ...stops };
  }
  const stops = known?.stops ? { stops: known.stops } : {};
  if (!moves) return { subject: name, text: `container is replaced; ${known?.keeps ?? "its folder stays"}`, ...stops };
  const loses =
    name === "registry" ? {} : { losesData: `${name} starts empty on the new data host; its data stays in ${DATA} on the earlier one` };
  return { subject: name, text: "moves to another host", ...stops, ...loses };
}

function frontWords({ operation }: PlanStep, { host, front }: { host: string; front: "balancer" | "edge" }): Wording {
  const subject = `${front} on ${host}`;
  if (operation === "create") return { subject, text: "container starts" };
  if (operation === "update") return { subject, text: "container is updated in place; no restart" };
  const isGone = operation === "delete";
  const text = isGone ? "container is removed" : "container is replaced";
  if (front === "balancer")
    return {
      subject,
      text: `${text}; requests go to the balancers of other hosts`,
      stops: `running requests through ${host}'s balancer fail`,
    };
  return { subject, text, stops: isGone ? `${host} no longer answers HTTP` : `${host} does not answer HTTP for about 5 s` };
}

function serviceWords(step: PlanStep): Wording {
  const { name: subject, operation } = step;
  const count = (inputs: Record<string, unknown>) => Number(valueAt(inputs, "mode.replicated.replicas") ?? 0);
  const [before, after] = [count(step.old), count(step.new)];
  if (operation === "create") return { subject, text: `${replicas(after)} ${after === 1 ? "starts" : "start"}` };
  if (operation === "delete")
    return {
      subject,
      text: `service is removed; ${replicas(before)} ${before === 1 ? "stops" : "stop"}`,
      stops: "no replica is left",
    };
  if (operation === "replace") {
    return { subject, text: "service is removed and created again", stops: `no ${subject} runs for about 30 s` };
  }
  const parts = [...scaleWords(before, after), ...rollWords(step)];
  return { subject, text: parts.join("; ") || declaredWords(step) };
}

const replicas = (count: number) => (count === 1 ? "1 replica" : `${count} replicas`);

function scaleWords(before: number, after: number): string[] {
  const difference = Math.abs(after - before);
  if (difference === 0) return [];
  const containers = difference === 1 ? "1 container" : `${difference} containers`;
  const verb = `${after < before ? "stop" : "start"}${difference === 1 ? "s" : ""}`;
  return [`${before} → ${after} replicas`, `${containers} ${verb}`];
}

/** The text for each changed part of a service. */
const SERVICE_PARTS: [RegExp, string][] = [
  [/containerSpec\.image$/, "new image"],
  [/^taskSpec\.resources/, "new memory limit"],
  [/containerSpec\.(?:env|args|commands)/, "new settings"],
  [/containerSpec\.secrets/, "new passwords"],
  [/^taskSpec\.networksAdvanceds/, "other networks"],
];
const UPDATE_RULES = /^(?:update|rollback|converge)Config/;
/** Other changes of a service that restart no replica. */
const WITHOUT_ROLL = /^(?:mode|labels|taskSpec\.forceUpdate)/;

function rollWords(step: PlanStep): string[] {
  const paths = step.paths.filter((path) => !WITHOUT_ROLL.test(path) && !UPDATE_RULES.test(path));
  if (paths.length === 0) return [];
  const parts = paths.map((path) =>
    /resources\.limits/.test(path) ? limitWords(step) : (SERVICE_PARTS.find(([pattern]) => pattern.test(path))?.[1] ?? "new settings"),
  );
  return [[...new Set(parts)].join(", "), "replicas are replaced a few at a time, new ones first; the service stays available"];
}

/** The text for a change that neither scales a service nor replaces its replicas. Scaling alone changes the batch size of updates. */
const declaredWords = ({ paths }: PlanStep) =>
  paths.some((path) => UPDATE_RULES.test(path))
    ? "new update settings; no replica is replaced"
    : "is declared again; replicas that were changed by hand are replaced a few at a time";

function limitWords({ old, new: next }: PlanStep): string {
  const [before, after] = [old, next].map((inputs) => Number(valueAt(inputs, "taskSpec.resources.limits.memoryBytes")) / MIB);
  return Number.isFinite(before) && Number.isFinite(after) ? `memory limit ${before} → ${after} MiB` : "new memory limit";
}

function networkWords({ name, operation }: PlanStep): Wording {
  const subject = `network ${name}`;
  const isBridge = name.endsWith("-bridge");
  if (operation !== "replace") return { subject, text: PASSIVE[operation] };
  if (isBridge) return { subject, text: "is replaced with the containers in it", stops: "the containers in it stop for about 20 s" };
  return {
    subject,
    text: "is replaced with all services and containers in it",
    stops: "the crawl and the web UI stop for about 2 minutes, until all are created again",
  };
}

/** A new value is a new secret; the service that uses it reports the restart of its replicas. */
function secretWords({ name, operation }: PlanStep): Wording {
  const role = ROLES.find((known) => name.startsWith(`${known}-`)) ?? name;
  const text = {
    create: "gets a password",
    update: "gets a new password",
    replace: "gets a new password",
    delete: "an unused password is removed",
  };
  return { subject: role, text: text[operation] };
}

/** Scripts on hosts, in the words of a plan: what each is for, and what it makes restart. */
import { type PlanStep, valueAt, type Wording } from "./plan-steps.ts";

interface ScriptRule {
  name: RegExp;
  /** `subject`: what the name's first group is, a host as a rule. */
  words: (subject: string, step: PlanStep) => Wording;
}

const RULES: ScriptRule[] = [
  { name: /^(.+)-bootstrap$/, words: bootstrap },
  { name: /^(.+)-mesh$/, words: mesh },
  { name: /^(.+)-mesh-check$/, words: (subject) => ({ subject, text: "is checked to reach every other host through the mesh" }) },
  { name: /^(swarm)-lead$/, words: () => ({ subject: "swarm", text: "is made, or found as it is" }) },
  { name: /^(swarm)-roles$/, words: () => ({ subject: "swarm", text: "gets its managers, and loses nodes that are gone" }) },
  { name: /^(.+)-swarm-worker$/, words: (subject) => ({ subject, text: "is checked to be heard of by the swarm" }) },
  {
    name: /^(.+)-swarm$/,
    words: (subject, { operation }) => ({
      subject,
      text: operation === "delete" ? "leaves the swarm" : "joins the swarm, or is in it already",
    }),
  },
  {
    name: /^data-settings$/,
    words: () => ({
      subject: "data services",
      text: "settings of Postgres, Redis and the registry are written; each container that they change is listed",
    }),
  },
  { name: /^(?:bases|roles)-context$/, words: () => ({ subject: "images", text: "the sources are copied to the data host" }) },
  { name: /^(?:bases|roles)-build$/, words: () => ({ subject: "images", text: "are built on the data host" }) },
  { name: /^image-collection$/, words: () => ({ subject: "images", text: "old versions are removed from the registry" }) },
  { name: /^image-nodes$/, words: () => ({ subject: "swarm", text: "may run replicas on the hosts that have the images" }) },
  { name: /^(.+)-rollout$/, words: (subject) => ({ subject, text: "is waited for until its replicas are healthy" }) },
  { name: /^(.+)-(?:bases|roles)$/, words: (subject) => ({ subject, text: "pulls the images that it lacks" }) },
  { name: /^database$/, words: () => ({ subject: "database", text: "schema and logins are brought up to date; data stays" }) },
  {
    name: /^(.+)-(?:balancer|edge)-settings$/,
    words: (host, { name }) => ({
      subject: `${name.includes("-edge-") ? "edge" : "balancer"} on ${host}`,
      text: "new settings, loaded without an interruption",
    }),
  },
  {
    name: /^(.+)-restart$/,
    words: (subject, { operation }) => ({
      subject,
      text: `the timer of the scheduled restart is ${operation === "delete" ? "removed" : "set"}`,
    }),
  },
];

/** How a step of a script reads. */
export function scriptWords(step: PlanStep): Wording {
  for (const { name, words } of RULES) {
    const match = name.exec(step.name);
    if (!match) continue;
    const known = words(match[1] ?? "", step);
    const isKept = step.operation === "delete" && !/-(restart|swarm)$/.test(step.name);
    return isKept ? { subject: known.subject, text: "is no longer part of the deployment; nothing on the host changes" } : known;
  }
  return { subject: step.name, text: step.operation === "delete" ? "its script will not run any more" : "its script runs" };
}

/** Paths of the files that a script writes differently than before; undefined if its text is not known. */
export function changedFiles({ old, new: next }: PlanStep): string[] | undefined {
  const [before, after] = [old, next].map((inputs) => valueAt(inputs, "stdin"));
  if (typeof before !== "string" || typeof after !== "string" || !after.includes("\n")) return undefined;
  const [earlier, now] = [filesOf(before), filesOf(after)];
  return [...new Set([...earlier.keys(), ...now.keys()])].filter((path) => earlier.get(path) !== now.get(path));
}

/** As `renderHostScript` writes them. */
const filesOf = (script: string) =>
  new Map([...script.matchAll(/^put (\S+) \d+ <<'(\w+)'\n([\s\S]*?)^\2$/gm)].map(([, path = "", , content = ""]) => [path, content]));

/** The first line of a script names the installation of its host. */
const installationOf = (inputs: Record<string, unknown>) => /^# for host (\S+)$/m.exec(String(valueAt(inputs, "stdin") ?? ""))?.[1];

function isOtherMachine({ old, new: next }: PlanStep): boolean {
  const [before, after] = [installationOf(old), installationOf(next)];
  return before !== undefined && after !== undefined && before !== after;
}

function bootstrap(subject: string, step: PlanStep): Wording {
  if (isOtherMachine(step)) {
    return {
      subject,
      text: "is another machine than before: everything on it is set up again",
      stops: `all that ran on the earlier ${subject} is gone`,
    };
  }
  const files = step.operation === "update" ? changedFiles(step) : undefined;
  const text = "packages, firewall and settings are brought up to date";
  if (!files) return { subject, text };
  const named = files.length > 0 ? `${text} (${files.join(", ")})` : text;
  if (!files.includes("/etc/docker/daemon.json")) return { subject, text: named };
  return { subject, text: named, stops: `Docker restarts: all containers on ${subject} stop for about 10 s` };
}

function mesh(subject: string, step: PlanStep): Wording {
  if (step.operation === "create") return { subject, text: "joins the mesh" };
  const restarts = changedFiles(step)?.some((path) => /\/tinc-(?:up|down)$/.test(path));
  // 1.3 s were measured for a restart of tinc.
  if (restarts) return { subject, text: "new mesh settings", stops: `${subject} is without mesh for about 2 s` };
  return { subject, text: "new mesh settings; no restart" };
}

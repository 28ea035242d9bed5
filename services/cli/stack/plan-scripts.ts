/** Scripts on hosts as a plan shows them: the purpose of each, and what it restarts. */
import { IMAGE_STAGES } from "../../../stacks/render/image-script.ts";
import { type PlanStep, valueAt, type Wording } from "./plan-steps.ts";

interface ScriptRule {
  name: RegExp;
  /** `subject`: what the name's first group is, a host as a rule. */
  words: (subject: string, step: PlanStep) => Wording;
}

const STAGE = IMAGE_STAGES.join("|");

const RULES: ScriptRule[] = [
  { name: /^(.+)-bootstrap$/, words: bootstrap },
  { name: /^(.+)-mesh$/, words: mesh },
  { name: /^(.+)-mesh-check$/, words: (subject) => ({ subject, text: "is checked: it must reach every other host through the mesh" }) },
  { name: /^(swarm)-lead$/, words: () => ({ subject: "swarm", text: "is created, or kept if it exists" }) },
  { name: /^(swarm)-roles$/, words: () => ({ subject: "swarm", text: "gets its managers, and removes nodes that are gone" }) },
  { name: /^(swarm)-tokens$/, words: () => ({ subject: "swarm", text: "replaces the join tokens that hosts have used" }) },
  { name: /^(.+)-swarm-worker$/, words: (subject) => ({ subject, text: "is checked: the swarm must list it" }) },
  {
    name: /^(.+)-swarm$/,
    words: (subject, { operation }) => ({
      subject,
      text: operation === "delete" ? "leaves the swarm" : "joins the swarm, if it is not yet a member",
    }),
  },
  {
    name: /^data-settings$/,
    words: () => ({
      subject: "data services",
      text: "settings of Postgres, Redis and the registry are written; each container that they change is listed",
    }),
  },
  { name: new RegExp(`^(?:${STAGE})-context$`), words: () => ({ subject: "images", text: "the sources are copied to the data host" }) },
  { name: new RegExp(`^(?:${STAGE})-build$`), words: () => ({ subject: "images", text: "are built on the data host" }) },
  { name: new RegExp(`^(?:${STAGE})-push$`), words: () => ({ subject: "images", text: "are pushed to the fleet's registry" }) },
  { name: /^image-collection$/, words: () => ({ subject: "images", text: "old versions are removed from the registry" }) },
  { name: /^image-nodes$/, words: () => ({ subject: "swarm", text: "may run replicas on the hosts that have the images" }) },
  { name: /^(.+)-rollout$/, words: (subject) => ({ subject, text: "waits until its replicas are healthy" }) },
  { name: new RegExp(`^(.+)-(?:${STAGE})$`), words: (subject) => ({ subject, text: "pulls missing images" }) },
  { name: /^database$/, words: () => ({ subject: "database", text: "schema and logins are updated; data stays" }) },
  {
    name: /^(.+)-(?:balancer|edge)-settings$/,
    words: (host, { name }) => ({
      subject: `${name.includes("-edge-") ? "edge" : "balancer"} on ${host}`,
      text: "new settings, loaded without an interruption",
    }),
  },
  {
    name: /^(.+)-certificate$/,
    words: (host, { operation }) => ({
      subject: `edge on ${host}`,
      text: operation === "delete" ? "its certificate is removed" : "gets the domain's certificate, and checks for a newer one each minute",
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

/** The text for a step of a script. */
export function scriptWords(step: PlanStep): Wording {
  for (const { name, words } of RULES) {
    const match = name.exec(step.name);
    if (!match) continue;
    const known = words(match[1] ?? "", step);
    const isKept = step.operation === "delete" && !/-(certificate|restart|swarm)$/.test(step.name);
    return isKept ? { subject: known.subject, text: "is no longer part of the deployment; nothing on the host changes" } : known;
  }
  return { subject: step.name, text: step.operation === "delete" ? "its script is removed from the deployment" : "its script runs" };
}

/** Paths of the files that a script writes with new content; undefined if its text is unknown. */
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
      text: "is another machine than before: it is set up from scratch",
      stops: `everything that ran on the earlier ${subject} is gone`,
    };
  }
  const files = step.operation === "update" ? changedFiles(step) : undefined;
  const text = "packages, firewall and settings are updated";
  if (!files) return { subject, text };
  const named = files.length > 0 ? `${text} (${files.join(", ")})` : text;
  if (!files.includes("/etc/docker/daemon.json")) return { subject, text: named };
  return { subject, text: named, stops: `Docker restarts: all containers on ${subject} stop for about 10 s` };
}

function mesh(subject: string, step: PlanStep): Wording {
  if (step.operation === "create") return { subject, text: "joins the mesh" };
  const restarts = changedFiles(step)?.some((path) => /\/tinc-(?:up|down)$/.test(path));
  // A restart of tinc took 1.3 s.
  if (restarts) return { subject, text: "new mesh settings", stops: `${subject} has no mesh for about 2 s` };
  return { subject, text: "new mesh settings; no restart" };
}

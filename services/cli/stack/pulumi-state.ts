/** What a deployment that was killed leaves in Pulumi's state: operations without an end, and the lock of a process that has died. */
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Deployment, Stack } from "@pulumi/pulumi/automation/index.js";
import { shellWord } from "../../../stacks/render/host-script.ts";
import { type EngineLock, StackLockedError } from "./engine-errors.ts";
import { type Fleet, runOn } from "./fleet-hosts.ts";
import { resourcesOf, type StateResource } from "./state-resources.ts";
import { translateError } from "./translate-error.ts";

interface State {
  resources?: StateResource[];
  pending_operations?: { type: string; resource: StateResource }[];
}

/** Something in a Docker that was being made when the engine was killed. */
export interface HalfMade {
  /** In the stack config. */
  host: string;
  kind: "container" | "network" | "secret" | "service";
  name: string;
  /** Those of the same kind that the state knows: they stay. */
  keep: string[];
}

const KINDS: Record<string, HalfMade["kind"]> = {
  "docker:index/container:Container": "container",
  "docker:index/network:Network": "network",
  "docker:index/secret:Secret": "secret",
  "docker:index/service:Service": "service",
};

/** @throws what `translateError` makes of a state that cannot be read. */
export const exportOf = (stack: Stack): Promise<Deployment> =>
  stack.exportStack().catch((cause: unknown) => {
    throw translateError(cause, stack.name);
  });

/** Whether a deployment was killed in the middle of an operation. */
export const hasPending = ({ deployment }: Deployment): boolean => ((deployment as State | undefined)?.pending_operations ?? []).length > 0;

/** What killed deployments may have left in the Dockers of hosts without the state knowing of it. */
export function halfMade(exported: Deployment): HalfMade[] {
  const { pending_operations: pending = [] } = (exported.deployment as State | undefined) ?? {};
  return pending.flatMap(({ type, resource }) => {
    const kind = KINDS[resource.type];
    const name = resource.inputs?.name;
    const host = /\bpulumi:providers:docker::(.+)-docker::/.exec(resource.provider ?? "")?.[1];
    if (type !== "creating" || !kind || typeof name !== "string" || host === undefined) return [];
    const keep = resourcesOf(exported).flatMap((known) => (known.type === resource.type && known.id ? [known.id] : []));
    return [{ host, kind, name, keep }];
  });
}

/** Removes it from a host's Docker, unless it is one that the state knows. Prints a line if it did. */
export function removeHalfMadeScript({ kind, name, keep }: HalfMade): string {
  const word = shellWord(name);
  const force = kind === "container" ? "--force " : "";
  return `id=$(docker ${kind} inspect --format '{{.ID}}' ${word} 2>/dev/null) || exit 0
case ' ${keep.join(" ")} ' in *" $id "*) exit 0 ;; esac
docker ${kind} rm ${force}"$id" >/dev/null && printf 'removed %s\\n' ${word}
`;
}

/** The state without operations that have no end: the next deployment does them again. */
export function withoutPending(exported: Deployment): Deployment {
  const { pending_operations: _, ...deployment } = exported.deployment as State;
  return { ...exported, deployment };
}

/** Whether a lock was made by a process of this machine. */
export const isHere = ({ machine }: EngineLock): boolean => machine === hostname();

/** Whether a lock's process is known to have died: it ran on this machine, and does not run any more. */
export const isDead = (lock: EngineLock): boolean => isHere(lock) && !isRunning(lock.pid);

/** Not by its number alone: a process that has ended may not have been collected yet, and a number is used again, by another user too. */
function isRunning(pid: number): boolean {
  let isOurs = true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    isOurs = false;
  }
  if (!existsSync("/proc/self/cmdline")) return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("pulumi");
  } catch {
    // A system may hide the processes of other users.
    return !isOurs;
  }
}

export interface LockedWork {
  stack: Stack;
  say: (line: string) => void;
  signal: AbortSignal;
}

export interface StateWork extends LockedWork {
  fleet: Fleet;
}

/** Prepares a state that a killed deployment left: what was half made is removed from its host, so that it can be made again. */
export async function repairState({ fleet, ...locked }: StateWork): Promise<void> {
  const { stack, say } = locked;
  const exported = await exportOf(stack);
  if (!hasPending(exported)) return;
  say("an earlier deployment was killed in the middle; clearing what it left half made");
  for (const left of halfMade(exported)) {
    const host = fleet.config.hosts.find(({ name }) => name === left.host);
    if (!host) continue;
    const { stdout } = await runOn(fleet, host, removeHalfMadeScript(left));
    if (stdout.trim()) say(`${left.host}: removed the half-made ${left.kind} ${left.name}`);
  }
  await withEngineLock(locked, () => importPrivately(stack, withoutPending(exported)));
}

/** The Automation API writes the state to a temporary file, with its secrets in plain text. */
async function importPrivately(stack: Stack, state: Deployment): Promise<void> {
  const umask = process.umask(0o077);
  try {
    await stack.importStack(state);
  } finally {
    process.umask(umask);
  }
}

/** For the engine of a killed `./orb`, which ends by itself. */
const MAX_WAIT_MS = 60_000;
const ASK_AGAIN_MS = 2_000;
const SAY_AGAIN_MS = 10_000;

/**
 * Runs `work`, which needs Pulumi's lock. A lock whose process has died on this machine is removed; one that lives is waited for.
 *
 * @throws StackLockedError if another process has the lock for a minute; what `work` throws.
 */
export async function withEngineLock<T>({ stack, say, signal }: LockedWork, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      return await work();
    } catch (cause) {
      const error = translateError(cause, stack.name);
      if (!(error instanceof StackLockedError)) throw cause;
      if (await removeDeadLock(error, { stack, say })) continue;
      const now = performance.now();
      if (now - began > MAX_WAIT_MS) throw error;
      if (now - saidAt >= SAY_AGAIN_MS) {
        say(`waiting for Pulumi's lock: ${ownersOf(error)}`);
        saidAt = now;
      }
      await delay(ASK_AGAIN_MS, undefined, { signal });
    }
  }
}

async function removeDeadLock(error: StackLockedError, { stack, say }: Pick<LockedWork, "stack" | "say">): Promise<boolean> {
  if (error.locks.length === 0 || !error.locks.every((lock) => isDead(lock))) return false;
  say(`Pulumi's lock was held by ${ownersOf(error)}, which has died; removing it`);
  await stack.cancel();
  return true;
}

const ownersOf = ({ locks }: StackLockedError) =>
  locks.map(({ owner, pid }) => `process ${pid} of ${owner}`).join(", ") || "another deployment";

/** What a killed deployment leaves in Pulumi's state: unfinished operations, and the lock of a process that has ended. */
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Deployment, Stack } from "@pulumi/pulumi/automation/index.js";
import { shellWord } from "../../../stacks/render/host-script.ts";
import { retry } from "../../core/runtime/retry.ts";
import { type EngineLock, StackLockedError } from "./engine-errors.ts";
import { type Fleet, runOn } from "./fleet-hosts.ts";
import { resourcesOf, type StateResource } from "./state-resources.ts";
import { translateError } from "./translate-error.ts";

interface State {
  resources?: StateResource[];
  pending_operations?: { type: string; resource: StateResource }[];
}

/** A Docker resource that was being created when the engine was killed. */
export interface HalfMade {
  /** In the stack config. */
  host: string;
  kind: "container" | "network" | "secret" | "service";
  name: string;
  /** Resources of the same kind that the state has: they stay. */
  keep: string[];
}

const KINDS: Record<string, HalfMade["kind"]> = {
  "docker:index/container:Container": "container",
  "docker:index/network:Network": "network",
  "docker:index/secret:Secret": "secret",
  "docker:index/service:Service": "service",
};

/** @throws the result of `translateError` if the state cannot be read. */
export const exportOf = (stack: Stack): Promise<Deployment> =>
  stack.exportStack().catch((cause: unknown) => {
    throw translateError(cause, stack.name);
  });

/** Whether a deployment was killed during an operation. */
export const hasPending = ({ deployment }: Deployment): boolean => ((deployment as State | undefined)?.pending_operations ?? []).length > 0;

/** What killed deployments may have left in the hosts' Docker without a record in the state. */
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

/** Removes it from a host's Docker, unless the state has it. Prints a line if it was removed. */
export function removeHalfMadeScript({ kind, name, keep }: HalfMade): string {
  const word = shellWord(name);
  const force = kind === "container" ? "--force " : "";
  return `id=$(docker ${kind} inspect --format '{{.ID}}' ${word} 2>/dev/null) || exit 0
case ' ${keep.join(" ")} ' in *" $id "*) exit 0 ;; esac
docker ${kind} rm ${force}"$id" >/dev/null && printf 'removed %s\\n' ${word}
`;
}

/** The state without unfinished operations: the next deployment repeats them. */
export function withoutPending(exported: Deployment): Deployment {
  const { pending_operations: _, ...deployment } = exported.deployment as State;
  return { ...exported, deployment };
}

/** Whether a lock was made by a process of this machine. */
export const isHere = ({ machine }: EngineLock): boolean => machine === hostname();

/** Whether a lock's process is known to have ended: it ran on this machine, and no longer does. */
export const isDead = (lock: EngineLock): boolean => isHere(lock) && !isRunning(lock.pid);

/** The number alone is not enough: an ended process may still be a zombie, and another user's process may reuse its number. */
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

/** Prepares the state that a killed deployment left: removes half-created resources from their hosts, so that they can be created again. */
export async function repairState({ fleet, ...locked }: StateWork): Promise<void> {
  const { stack, say } = locked;
  const exported = await exportOf(stack);
  if (!hasPending(exported)) return;
  say("an earlier deployment was killed; removing its half-created resources");
  for (const left of halfMade(exported)) {
    const host = fleet.config.hosts.find(({ name }) => name === left.host);
    if (!host) continue;
    const { stdout } = await runOn(fleet, host, removeHalfMadeScript(left));
    if (stdout.trim()) say(`${left.host}: removed the half-created ${left.kind} ${left.name}`);
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

/** Time for the engine of a killed `./orb`, which ends by itself. */
const MAX_WAIT_MS = 60_000;
const ASK_AGAIN_MS = 2_000;
const SAY_AGAIN_MS = 10_000;

/**
 * Runs `work`, which needs Pulumi's lock. Removes a lock whose process has ended on this machine; waits for one whose process still runs.
 *
 * @throws StackLockedError if another process has the lock for a minute, or when `signal` aborts; the error of `work`.
 */
export async function withEngineLock<T>({ stack, say, signal }: LockedWork, work: () => Promise<T>): Promise<T> {
  let saidAt = Number.NEGATIVE_INFINITY;
  const attempt = async (): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      const error = translateError(cause, stack.name);
      if (!(error instanceof StackLockedError)) throw cause;
      if (await removeDeadLock(error, { stack, say })) return await attempt();
      throw error;
    }
  };
  const sayWaiting = (error: unknown) => {
    const now = performance.now();
    if (now - saidAt < SAY_AGAIN_MS) return;
    say(`waiting for Pulumi's lock: ${ownersOf(error as StackLockedError)}`);
    saidAt = now;
  };
  const isTransient = (error: unknown) => error instanceof StackLockedError;
  return await retry(attempt, { isTransient, waitMs: ASK_AGAIN_MS, forMs: MAX_WAIT_MS, signal, onRetry: sayWaiting });
}

async function removeDeadLock(error: StackLockedError, { stack, say }: Pick<LockedWork, "stack" | "say">): Promise<boolean> {
  if (error.locks.length === 0 || !error.locks.every((lock) => isDead(lock))) return false;
  say(`Pulumi's lock was held by ${ownersOf(error)}, which has ended; removing it`);
  await stack.cancel();
  return true;
}

const ownersOf = ({ locks }: StackLockedError) =>
  locks.map(({ owner, pid }) => `process ${pid} of ${owner}`).join(", ") || "another deployment";

/** `./orb cancel`: removes the locks of a deployment that crashed. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { clearLockScript, LOCK_CLEARED, LOCK_HELD } from "../../../stacks/render/fleet-lock.ts";
import { PROJECT } from "../../../stacks/setting-names.ts";
import { managersOf } from "../../../stacks/swarm-plan.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { print, say } from "../terminal.ts";
import type { EngineLock } from "./engine-errors.ts";
import { type Fleet, fleetOf, runOn } from "./fleet-hosts.ts";
import { openStack } from "./open-stack.ts";
import { isDead, isHere } from "./pulumi-state.ts";
import { translateError } from "./translate-error.ts";
import { lockOwner } from "./with-lock.ts";

/** The result for one lock. */
interface LockEnd {
  lock: "pulumi" | "fleet";
  text: string;
  /** The lock's holder still runs, so the lock was not removed. */
  isHeld: boolean;
}

/** Exits with 1 if a lock's holder still runs; that lock stays. */
export async function cancel({ stack: name, config, json }: StackFlags): Promise<number> {
  const stack = await openStack(name, config);
  const fleet = await fleetOf(stack);
  const ends = [await clearEngineLock(stack)];
  // The holder of the fleet's lock is the same deployment.
  if (!ends.some(({ isHeld }) => isHeld)) ends.push(await clearFleetLock(fleet));
  print(json ? `${JSON.stringify({ locks: ends })}\n` : ends.map(({ text }) => `${text}\n`).join(""));
  return ends.some(({ isHeld }) => isHeld) ? EXIT.failed : EXIT.ok;
}

async function clearEngineLock(stack: Stack): Promise<LockEnd> {
  const locks = await engineLocks(stack);
  const live = locks.filter((lock) => isHere(lock) && !isDead(lock));
  const named = (all: EngineLock[]) => all.map(({ owner, pid, since }) => `process ${pid} of ${owner} (since ${since})`).join(", ");
  if (live.length > 0) {
    const text = `Pulumi's lock: held by ${named(live)}, which is running; not removed. Stop it first: kill -INT ${live.map(({ pid }) => pid).join(" ")}`;
    return { lock: "pulumi", text, isHeld: true };
  }
  await stack.cancel().catch((cause: unknown) => {
    throw translateError(cause, stack.name);
  });
  return {
    lock: "pulumi",
    text: `Pulumi's lock: removed${locks.length > 0 ? `; it was held by ${named(locks)}` : ", if there was one"}`,
    isHeld: false,
  };
}

/** Pulumi stores locks beside the state. If the state is not a folder of this machine, the locks cannot be read. */
async function engineLocks({ name, workspace }: Stack): Promise<EngineLock[]> {
  const { url } = await workspace.whoAmI();
  if (!url?.startsWith("file://")) return [];
  const folder = join(fileURLToPath(new URL(url).href.replace(/\?.*$/, "")), ".pulumi/locks/organization", PROJECT, name);
  const files = await readdir(folder).catch(() => []);
  const texts = await Promise.all(
    files.filter((file) => file.endsWith(".json")).map((file) => readFile(join(folder, file), "utf8").catch(() => "{}")),
  );
  return texts.map((text) => {
    const { pid = 0, username = "", hostname = "", timestamp = "" } = JSON.parse(text) as Record<string, never>;
    return { owner: `${username}@${hostname}`, machine: hostname, pid, since: timestamp };
  });
}

async function clearFleetLock(fleet: Fleet): Promise<LockEnd> {
  say("checking whether the holder of the fleet's lock still runs; this takes up to a minute");
  for (const host of managersOf(fleet.config.hosts)) {
    const { code, stdout } = await runOn(fleet, host, clearLockScript(lockOwner()));
    const [, state, holder] = /^(dead|held) (.*)$/m.exec(stdout) ?? [];
    if (code === LOCK_HELD)
      return { lock: "fleet", text: `the fleet's lock: held by ${holder}, which is running; not removed`, isHeld: true };
    if (code !== LOCK_CLEARED) continue;
    return {
      lock: "fleet",
      text: state === "dead" ? `the fleet's lock: removed; it was held by ${holder}, which has ended` : "the fleet's lock: not held",
      isHeld: false,
    };
  }
  return { lock: "fleet", text: "the fleet's lock: no host that manages the swarm answers", isHeld: false };
}

/** The hosts of a stack, and scripts on them by SSH. */
import { type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { type FleetConfig, type Host, parseStackConfig } from "../../../stacks/config.ts";
import { readHostKeys } from "../../../stacks/host-keys.ts";
import { asRoot, sshDestination, sshOptions } from "../../../stacks/ssh.ts";
import { knownHostsFile } from "../../../stacks/stack-directory.ts";
import { readSetting } from "../../../stacks/stack-settings.ts";
import { managersOf } from "../../../stacks/swarm-plan.ts";
import { NoManagerError, UsageError } from "../errors.ts";
import type { StackFlags } from "../stack-flags.ts";
import { openStack, PROJECT } from "./open-stack.ts";
import { translateError } from "./translate-error.ts";

export interface Fleet {
  stack: string;
  config: FleetConfig;
}

export interface ScriptEnd {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Reads the config of the stack of this name. */
export const openFleet = async ({ stack, config }: Pick<StackFlags, "stack" | "config">): Promise<Fleet> =>
  fleetOf(await openStack(stack, config));

/**
 * Reads a stack's config.
 *
 * @throws BadInputError naming everything that is wrong with it; what `translateError` makes of a file that cannot be read.
 */
export async function fleetOf(stack: Stack): Promise<Fleet> {
  const values = await stack.getAllConfig().catch((cause: unknown) => {
    throw translateError(cause, stack.name);
  });
  const prefix = `${PROJECT}:`;
  const own = Object.entries(values).filter(([key]) => key.startsWith(prefix));
  return {
    stack: stack.name,
    config: parseStackConfig(Object.fromEntries(own.map(([key, { value }]) => [key.slice(prefix.length), readSetting(value)]))),
  };
}

/** The recorded SSH key of a host. Without a record it is empty, and ssh refuses the host. */
export const hostKeyOf = ({ stack, config }: Fleet, { name }: Host): string =>
  config.hostKeys[name] ?? readHostKeys(knownHostsFile(stack)).get(name) ?? "";

/** @throws UsageError if the stack config has no such host. */
export function hostNamed({ config }: Fleet, name: string): Host {
  const host = config.hosts.find((candidate) => candidate.name === name);
  if (host) return host;
  throw new UsageError("host", [
    { path: "NAME", value: name, remedy: `write one of ${config.hosts.map((known) => known.name).join(", ")}` },
  ]);
}

/** Starts bash as root on a host; it reads its script from standard input, and the script may read on from there. */
export function startShell(fleet: Fleet, host: Host, options: SpawnOptionsWithoutStdio = {}): ChildProcessWithoutNullStreams {
  const child = spawn("ssh", [...sshOptions(host, hostKeyOf(fleet, host)), sshDestination(host), asRoot(host, "bash -s")], options);
  // A session that ends early is known by its exit.
  child.stdin.on("error", () => {});
  return child;
}

/**
 * Runs a bash script on a host, as root.
 *
 * @param show takes standard output line by line as it comes, instead of it being returned.
 */
export async function runOn(
  fleet: Fleet,
  host: Host,
  script: string,
  { signal, show }: { signal?: AbortSignal; show?: (line: string) => void } = {},
): Promise<ScriptEnd> {
  const child = startShell(fleet, host, signal ? { signal } : {});
  const end: ScriptEnd = { code: null, stdout: "", stderr: "" };
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (!show) {
      end.stdout += text;
      return;
    }
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) show(line);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (end.stderr += text));
  child.stdin.end(script);
  try {
    [end.code] = (await once(child, "close")) as [number | null];
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  if (rest) show?.(rest);
  return end;
}

/**
 * Runs a script on the first host that manages the swarm and answers.
 *
 * @throws NoManagerError with what each said, if none does.
 */
export async function runOnManager(fleet: Fleet, script: string): Promise<ScriptEnd> {
  const attempts: string[] = [];
  for (const host of managersOf(fleet.config.hosts)) {
    const end = await runOn(fleet, host, script);
    if (end.code === 0) return end;
    attempts.push(`  ${host.name} (${host.address}): ${end.stderr.trim() || `exit code ${end.code}`}`);
  }
  throw new NoManagerError(attempts);
}

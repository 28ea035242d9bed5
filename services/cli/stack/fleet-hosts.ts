/** The hosts of a stack, and scripts on them by SSH. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { execa } from "execa";
import type { FleetConfig, Host } from "../../../stacks/config.ts";
import { NoSshError } from "../../../stacks/errors.ts";
import { readHostKeys } from "../../../stacks/host-keys.ts";
import { asRoot, sshDestination, sshOptions } from "../../../stacks/ssh.ts";
import { knownHostsFile } from "../../../stacks/stack-directory.ts";
import { parseSettings } from "../../../stacks/stack-settings.ts";
import { UsageError } from "../errors.ts";
import type { StackFlags } from "../stack-flags.ts";
import { openStack } from "./open-stack.ts";
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
 * @throws BadInputError naming every problem of the config; the result of `translateError` for a file that cannot be read.
 */
export async function fleetOf(stack: Stack): Promise<Fleet> {
  return { stack: stack.name, config: parseSettings(await textsOf(stack)) };
}

/** The values of a stack's config as Pulumi stores them, by full name. @throws the result of `translateError` for a file that cannot be read. */
export async function textsOf(stack: Stack): Promise<Record<string, string>> {
  const values = await stack.getAllConfig().catch((cause: unknown) => {
    throw translateError(cause, stack.name);
  });
  return Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]));
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

/**
 * Starts bash as root on a host, in a process group of its own, so that Ctrl-C does not end it. It reads its script from standard input, and the
 * script may read the rest of it.
 */
export function startShell(fleet: Fleet, host: Host): ChildProcessWithoutNullStreams {
  const child = spawn("ssh", shellArguments(fleet, host), { detached: true });
  // The exit code reports a session that ends early.
  child.stdin.on("error", () => {});
  return child;
}

/**
 * Runs a bash script on a host, as root.
 *
 * @param show receives standard output line by line; the output is then not returned.
 * @throws NoSshError
 */
export async function runOn(
  fleet: Fleet,
  host: Host,
  script: string,
  { signal, show }: { signal?: AbortSignal; show?: (line: string) => void } = {},
): Promise<ScriptEnd> {
  const child = execa("ssh", shellArguments(fleet, host), {
    ...{ input: script, reject: false, stripFinalNewline: false, buffer: { stdout: !show } },
    ...(signal && { cancelSignal: signal }),
  });
  if (show) for await (const line of child) show(line);
  const { exitCode, stdout = "", stderr, code, cause } = await child;
  if (code === "ENOENT") throw new NoSshError({ cause });
  return { code: exitCode ?? null, stdout, stderr };
}

const shellArguments = (fleet: Fleet, host: Host): string[] => [
  ...sshOptions(host, hostKeyOf(fleet, host)),
  sshDestination(host),
  asRoot(host, "bash -s"),
];

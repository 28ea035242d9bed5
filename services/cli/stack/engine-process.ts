/** Runs the engine's program in a process group of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as automationErrors from "@pulumi/pulumi/automation/errors.js";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

interface CommandResult {
  stdout: string;
  stderr: string;
  code: number;
}

/** How the Automation API runs the program; its types leave it out. */
type Run = (
  args: string[],
  cwd: string,
  environment: Record<string, string>,
  onOutput?: (text: string) => void,
  onError?: (text: string) => void,
  signal?: AbortSignal,
) => Promise<CommandResult>;

const { createCommandError } = automationErrors as unknown as {
  createCommandError: (result: CommandResult & { toString(): string }) => Error;
};

/**
 * A terminal sends Ctrl-C to all processes of its group, and a service manager does the same. The engine takes a second SIGINT as an order to
 * end without cleaning up, so only this process may send it one: the abort of `signal` is passed on once.
 *
 * @returns a command that runs every program in a process group of its own.
 */
export function inOwnGroup(command: PulumiCommand): PulumiCommand {
  const run: Run = async (args, cwd, environment, onOutput, onError, signal) => {
    const child = spawn(command.command, withoutQuestions(args), {
      ...{ cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] },
      env: { ...process.env, ...environment, PULUMI_AUTOMATION_API: "true" },
    });
    running.add(child);
    const interrupt = () => void child.kill("SIGINT");
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      return await resultOf(child, { onOutput, onError });
    } finally {
      signal?.removeEventListener("abort", interrupt);
      running.delete(child);
    }
  };
  return Object.assign(Object.create(command) as PulumiCommand, { run });
}

/** A flag after `--` would be taken for a value. */
const withoutQuestions = (args: readonly string[]) => (args.includes("--non-interactive") ? args : [...args, "--non-interactive"]);

/** Tells every engine of this process to end at once: for the moment before this process does. */
export function interruptEngines(): void {
  for (const child of running) child.kill("SIGINT");
}

const running = new Set<ChildProcess>();

interface OutputListeners {
  onOutput: ((text: string) => void) | undefined;
  onError: ((text: string) => void) | undefined;
}

async function resultOf(child: ChildProcess, { onOutput, onError }: OutputListeners): Promise<CommandResult> {
  const result: CommandResult = { stdout: "", stderr: "", code: -1 };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    result.stdout += text;
    onOutput?.(text);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    result.stderr += text;
    onError?.(text);
  });
  try {
    const [code] = (await once(child, "close")) as [number | null];
    result.code = code ?? -1;
  } catch (error) {
    result.stderr += error instanceof Error ? error.message : String(error);
  }
  if (result.code !== 0) throw createCommandError({ ...result, toString: () => `${result.stderr}\n${result.stdout}`.trim() });
  return { ...result, stdout: withoutLineBreak(result.stdout), stderr: withoutLineBreak(result.stderr) };
}

const withoutLineBreak = (text: string) => text.replace(/\r?\n$/, "");

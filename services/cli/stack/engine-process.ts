/** Runs the engine's program in a separate process group. */
import type { Readable } from "node:stream";
import * as automationErrors from "@pulumi/pulumi/automation/errors.js";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { execa, type Subprocess } from "execa";

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
 * What the Automation API asks the program after each `up` and `destroy`, with empty answers: nothing here reads outputs or history, and the
 * three runs of the program take more than a second.
 */
const UNUSED_QUESTIONS: Record<string, string> = { output: "{}", history: "[]" };

/**
 * A terminal sends Ctrl-C to all processes of its group, and a service manager does the same. The engine ends without cleanup at a
 * second SIGINT. So only this process may send it one: the abort of `signal` is forwarded once. After the abort, no program starts.
 *
 * @returns a command that runs every program in a separate process group.
 */
export function inOwnGroup(command: PulumiCommand): PulumiCommand {
  const run: Run = async (args, cwd, environment, onOutput, onError, signal) => {
    signal?.throwIfAborted();
    const unused = args[0] === "stack" ? UNUSED_QUESTIONS[args[1] ?? ""] : undefined;
    if (unused !== undefined) return { stdout: unused, stderr: "", code: 0 };
    const env = { ...environment, PULUMI_AUTOMATION_API: "true" };
    const child = execa(command.command, withoutQuestions(args), { cwd, env, detached: true, stdin: "ignore", reject: false });
    passText(child.stdout, onOutput);
    passText(child.stderr, onError);
    running.add(child);
    const interrupt = () => void child.kill("SIGINT");
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      const { stdout, stderr, exitCode = -1, originalMessage = "" } = await child;
      const result = { stdout, stderr: `${stderr}${exitCode < 0 ? originalMessage : ""}`, code: exitCode };
      if (exitCode !== 0) throw createCommandError({ ...result, toString: () => `${result.stderr}\n${stdout}`.trim() });
      return result;
    } finally {
      signal?.removeEventListener("abort", interrupt);
      running.delete(child);
    }
  };
  return Object.assign(Object.create(command) as PulumiCommand, { run });
}

/** A flag after `--` would be taken for a value. */
const withoutQuestions = (args: readonly string[]) => (args.includes("--non-interactive") ? args : [...args, "--non-interactive"]);

/** Kills every engine of this process, before this process ends. */
export function interruptEngines(): void {
  for (const child of running) child.kill("SIGINT");
}

const running = new Set<Subprocess>();

function passText(stream: Readable, listener: ((text: string) => void) | undefined): void {
  const decoder = new TextDecoder();
  if (listener) stream.on("data", (bytes: Buffer) => listener(decoder.decode(bytes, { stream: true })));
}

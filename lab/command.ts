/** Runs the lab's programs: with a time limit, ended together with their children when the signal aborts. */
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa, type Result, type Subprocess } from "execa";
import { LabCommandError, LabTimeoutError } from "./errors.ts";

export interface CommandOptions {
  signal?: AbortSignal | undefined;
  /** Standard input; nothing by default. */
  input?: string | Buffer;
  /** Added to this process's environment. */
  environment?: Record<string, string>;
  directory?: string;
  /** 600 s by default. */
  timeoutSeconds?: number;
}

/** The environment of a part of the lab: progress output and cancellation. */
export interface LabWork {
  /** Receives one line of progress. */
  say: (line: string) => void;
  signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_SECONDS = 600;
const KILL_AFTER_MS = 5_000;

/**
 * Runs a program to its end, in a separate process group.
 *
 * @returns its standard output, without white space at the end.
 * @throws LabCommandError with its last lines if it fails or takes too long; the signal's reason if that aborts.
 */
export async function run(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, signal, input = "", environment = {}, directory = process.cwd() } = options;
  signal?.throwIfAborted();
  const [program = "", ...args] = command;
  const child = execa(program, args, { input, env: environment, cwd: directory, detached: true, all: true, reject: false });
  const timeout = AbortSignal.timeout(timeoutSeconds * 1_000);
  const end = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const stop = () => void endGroup(child);
  end.addEventListener("abort", stop, { once: true });
  const result = await child;
  end.removeEventListener("abort", stop);
  signal?.throwIfAborted();
  if (timeout.aborted) throw new LabCommandError(command, `no end within ${timeoutSeconds} s`, result.all);
  if (result.failed) throw new LabCommandError(command, endOf(result), result.all);
  return result.stdout.trimEnd();
}

/** Whether a program succeeds; false also if it does not exist. */
export async function succeeds(command: readonly string[], options: CommandOptions = {}): Promise<boolean> {
  return run(command, options).then(
    () => true,
    () => {
      options.signal?.throwIfAborted();
      return false;
    },
  );
}

/** The path of a program on PATH, or undefined. */
export async function findProgram(name: string, path = process.env.PATH ?? ""): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, name);
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return candidate;
  }
  return undefined;
}

/**
 * Polls `condition` every 200 ms until it is true.
 *
 * @throws LabTimeoutError with what `evidence` returns; the signal's reason if that aborts.
 */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean>,
  { seconds, signal, evidence = async () => "" }: { seconds: number; signal?: AbortSignal | undefined; evidence?: () => Promise<string> },
): Promise<void> {
  const end = Date.now() + seconds * 1_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new LabTimeoutError(what, seconds, await evidence());
    await delay(200, undefined, signal ? { signal } : {});
  }
}

/** `exit code 1`, `ended by SIGKILL`, or `spawn /x ENOENT` for a program that cannot be started. */
const endOf = ({ exitCode, signal, originalMessage }: Pick<Result, "exitCode" | "signal" | "originalMessage">): string => {
  if (exitCode !== undefined) return `exit code ${exitCode}`;
  return signal === undefined ? (originalMessage ?? "it cannot be started") : `ended by ${signal}`;
};

async function endGroup(child: Subprocess): Promise<void> {
  const send = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  send("SIGTERM");
  await delay(KILL_AFTER_MS, undefined, { ref: false });
  if (child.exitCode === null && child.signalCode === null) send("SIGKILL");
}

/** How the lab runs programs: bounded, ended together with their children when the signal aborts. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
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

/** What a part of the lab needs to work: where to tell what it does, and when to give up. */
export interface LabWork {
  /** Takes one line of progress. */
  say: (line: string) => void;
  signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_SECONDS = 600;
const MAX_OUTPUT_BYTES = 16 * 2 ** 20;
const KILL_AFTER_MS = 5_000;

/**
 * Runs a program to its end, in a process group of its own.
 *
 * @returns its standard output, without white space at the end.
 * @throws LabCommandError with its last lines if it fails or takes too long; the signal's reason if that aborts.
 */
export async function run(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, signal, input = "" } = options;
  signal?.throwIfAborted();
  const child = start(command, options);
  const output = collect(child);
  const timeout = AbortSignal.timeout(timeoutSeconds * 1_000);
  const end = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const stop = () => void endGroup(child);
  end.addEventListener("abort", stop, { once: true });
  // A program that does not read its input closes the pipe.
  child.stdin?.on("error", () => {}).end(input);
  const code = await closed(child);
  end.removeEventListener("abort", stop);
  signal?.throwIfAborted();
  if (timeout.aborted) throw new LabCommandError(command, `no end within ${timeoutSeconds} s`, output.all());
  if (code !== 0) throw new LabCommandError(command, `exit code ${code}`, output.all());
  return output.standard().trimEnd();
}

/** Whether a program succeeds; false also if there is no such program. */
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
 * Asks `condition` every 200 ms until it is true.
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

function start([program = "", ...args]: readonly string[], { environment, directory }: CommandOptions): ChildProcess {
  return spawn(program, args, {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...environment },
    ...(directory === undefined ? {} : { cwd: directory }),
  });
}

function collect(child: ChildProcess): { standard: () => string; all: () => string } {
  const chunks: { isStandard: boolean; bytes: Buffer }[] = [];
  let size = 0;
  const keep = (isStandard: boolean) => (bytes: Buffer) => {
    size += bytes.length;
    if (size <= MAX_OUTPUT_BYTES) chunks.push({ isStandard, bytes });
  };
  child.stdout?.on("data", keep(true));
  child.stderr?.on("data", keep(false));
  const text = (of: typeof chunks) => Buffer.concat(of.map(({ bytes }) => bytes)).toString();
  return { standard: () => text(chunks.filter(({ isStandard }) => isStandard)), all: () => text(chunks) };
}

/** Exit code; 127 if the program cannot be started, 128 if a signal ended it. */
async function closed(child: ChildProcess): Promise<number> {
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return code ?? 128;
  } catch {
    return 127;
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
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

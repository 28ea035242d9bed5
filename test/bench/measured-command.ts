import { spawn } from "node:child_process";
import { once } from "node:events";
import { endedCpuSeconds, treeMiB } from "./process-tree.ts";

/** Often enough to see a peak, seldom enough not to take part in it. */
const MEMORY_EVERY_MS = 250;

export interface MeasuredCommand {
  command: string;
  args: string[];
  cwd: string;
}

/** What a command that ran to its end took, its whole process tree together. */
export interface CommandCost {
  stdout: string;
  cpuSeconds: number;
  peakMiB: number;
}

/**
 * Runs a command to its end. One at a time: the CPU of all children that end meanwhile is counted as its own.
 *
 * @throws Error with its last words if it does not exit with 0.
 */
export async function runMeasured({ command, args, cwd }: MeasuredCommand): Promise<CommandCost> {
  const before = endedCpuSeconds();
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"], env: withoutSettings(process.env) });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (output.stdout += text));
  child.stderr.on("data", (text) => (output.stderr = (output.stderr + text).slice(-4_000)));
  let peakMiB = 0;
  const memory = setInterval(() => (peakMiB = Math.max(peakMiB, treeMiB(child.pid ?? 0))), MEMORY_EVERY_MS);
  const [code, signal] = await once(child, "close");
  clearInterval(memory);
  process.off("exit", kill);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${signal ?? code}:\n${output.stderr}`);
  return { stdout: output.stdout, cpuSeconds: endedCpuSeconds() - before, peakMiB };
}

/** Settings of the caller's shell are not those that are measured. */
const withoutSettings = (environment: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("ORB_") && !name.startsWith("NODE_")));

/** The Docker engine of the lab's hosts: the machine's own, or one that the lab starts in a separate network namespace. */
import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CommandOptions, findProgram, type LabWork, run, succeeds, waitUntil } from "../command.ts";
import { LabMachineError } from "../errors.ts";
import type { LabPaths } from "../paths.ts";

export interface LabDocker {
  /** For processes that use the engine: `DOCKER_HOST`. */
  environment: Record<string, string>;
  /** The prefix of a command that must reach the lab's networks; empty with the machine's own engine. */
  enter: string[];
  /** Runs the Docker client. */
  docker: (args: readonly string[], options?: CommandOptions) => Promise<string>;
}

const START_SECONDS = 60;
const STOP_SECONDS = 60;
const PROGRAMS = { dockerd: "docker.io", ip: "iproute2", nsenter: "util-linux", iptables: "iptables" };

/**
 * The engine of a lab, started if necessary; a running one is used unchanged.
 *
 * @throws LabMachineError naming everything that is missing; LabTimeoutError if the engine does not answer within 60 s.
 */
export async function startDocker(paths: LabPaths, { say, signal }: LabWork): Promise<LabDocker> {
  if (process.platform !== "linux") throw new LabMachineError(`The lab needs Linux; this is ${process.platform}.`);
  const found = await findDocker(paths, signal);
  if (found) return found;
  await checkMachine();
  say("starting a Docker engine for the lab");
  const own = ownDocker(paths);
  await mkdir(paths.state, { recursive: true, mode: 0o700 });
  await mkdir(dataRoot(paths), { recursive: true });
  if (!existsSync(namespacePath(paths))) await run(["ip", "netns", "add", paths.name], { signal });
  await run([...own.enter, "ip", "link", "set", "lo", "up"], { signal });
  startDaemon(paths);
  await waitUntil("the Docker engine answers", () => answers(own.environment), {
    seconds: START_SECONDS,
    signal,
    evidence: async () => `Its last lines:\n${readFileSync(logPath(paths), "utf8").trim().split("\n").slice(-5).join("\n")}\n`,
  });
  return own;
}

/** The engine that a lab would use, if it runs. */
export async function findDocker(paths: LabPaths, signal?: AbortSignal): Promise<LabDocker | undefined> {
  const own = ownDocker(paths);
  if (existsSync(namespacePath(paths))) return (await answers(own.environment, signal)) ? own : undefined;
  return (await answers({}, signal)) ? withClient({}, []) : undefined;
}

/** Whether the lab runs its own engine, or has leftovers of one. */
export const hasOwnDocker = (paths: LabPaths): boolean => existsSync(namespacePath(paths));

/** Ends the lab's own engine with all its processes, mounts and its network namespace. Does nothing without one. */
export async function stopDocker(paths: LabPaths): Promise<void> {
  if (!hasOwnDocker(paths)) return;
  const pid = daemonPid(paths);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    await waitUntil("the Docker engine ends", async () => daemonPid(paths) === undefined, { seconds: STOP_SECONDS });
  }
  for (const mount of mountsUnder([paths.state, dataRoot(paths)])) await run(["umount", "--lazy", mount]);
  await run(["ip", "netns", "delete", paths.name]);
  await rm(join(paths.state, "exec"), { recursive: true, force: true });
}

function ownDocker(paths: LabPaths): LabDocker {
  return withClient({ DOCKER_HOST: `unix://${socketPath(paths)}` }, ["nsenter", `--net=${namespacePath(paths)}`]);
}

function withClient(environment: Record<string, string>, enter: string[]): LabDocker {
  return { environment, enter, docker: (args, options) => run(["docker", ...args], { ...options, environment }) };
}

const answers = (environment: Record<string, string>, signal?: AbortSignal) =>
  succeeds(["docker", "info"], { environment, signal, timeoutSeconds: 10 });

async function checkMachine(): Promise<void> {
  const missing: string[] = [];
  for (const [program, packageName] of Object.entries(PROGRAMS)) if (!(await findProgram(program))) missing.push(packageName);
  if (missing.length > 0) {
    throw new LabMachineError(
      `No Docker engine answers on this machine, and these packages are missing to start one: apt-get install ${missing.join(" ")}`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new LabMachineError(
      "No Docker engine answers to this user. Start Docker and join its group, or run the lab as root: then it starts its own engine.",
    );
  }
}

/** Its bridges and firewall rules stay in the namespace. `ip netns exec` would hide the cgroups. */
function startDaemon(paths: LabPaths): void {
  const log = openSync(logPath(paths), "w", 0o600);
  const [enter = "", ...entered] = ownDocker(paths).enter;
  const folders = ["-H", `unix://${socketPath(paths)}`, "--data-root", dataRoot(paths), "--exec-root", join(paths.state, "exec")];
  spawn(enter, [...entered, "dockerd", ...folders, "-p", pidPath(paths)], { detached: true, stdio: ["ignore", log, log] }).unref();
}

/** Of the running daemon; a reused number of another process does not count. */
function daemonPid(paths: LabPaths): number | undefined {
  try {
    const pid = Number(readFileSync(pidPath(paths), "utf8"));
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(socketPath(paths)) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The deepest first. */
function mountsUnder(folders: string[]): string[] {
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  return mounts.filter((mount) => folders.some((folder) => mount.startsWith(`${folder}/`))).reverse();
}

const namespacePath = ({ name }: LabPaths) => `/run/netns/${name}`;
const socketPath = ({ name }: LabPaths) => `/run/${name}.sock`;
const dataRoot = ({ cache, name }: LabPaths) => join(cache, `docker-${name}`);
const pidPath = ({ state }: LabPaths) => join(state, "dockerd.pid");
const logPath = ({ state }: LabPaths) => join(state, "dockerd.log");

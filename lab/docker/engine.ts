/** The Docker engine that the lab's hosts run in: the machine's own, or one that the lab starts in a network namespace of its own. */
import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CommandOptions, findProgram, type LabWork, run, succeeds, waitUntil } from "../command.ts";
import { LabMachineError } from "../errors.ts";
import type { LabPlaces } from "../places.ts";

export interface LabDocker {
  /** For processes that use the engine: `DOCKER_HOST`. */
  environment: Record<string, string>;
  /** What to put before a command that is to reach the lab's networks; empty with the machine's own engine. */
  enter: string[];
  /** Runs the Docker client. */
  docker: (args: readonly string[], options?: CommandOptions) => Promise<string>;
}

const START_SECONDS = 60;
const STOP_SECONDS = 60;
const PROGRAMS = { dockerd: "docker.io", ip: "iproute2", nsenter: "util-linux", iptables: "iptables" };

/**
 * The engine of a lab, started if need be; one that runs already is taken as it is.
 *
 * @throws LabMachineError naming everything that is missing; LabTimeoutError if the engine does not answer within 60 s.
 */
export async function startDocker(places: LabPlaces, { say, signal }: LabWork): Promise<LabDocker> {
  if (process.platform !== "linux") throw new LabMachineError(`The lab needs Linux; this is ${process.platform}.`);
  const found = await findDocker(places, signal);
  if (found) return found;
  await checkMachine();
  say("starting a Docker engine for the lab");
  const own = ownDocker(places);
  await mkdir(places.state, { recursive: true, mode: 0o700 });
  await mkdir(dataRoot(places), { recursive: true });
  if (!existsSync(namespacePath(places))) await run(["ip", "netns", "add", places.name], { signal });
  await run([...own.enter, "ip", "link", "set", "lo", "up"], { signal });
  startDaemon(places);
  await waitUntil("the Docker engine answers", () => answers(own.environment), {
    seconds: START_SECONDS,
    signal,
    evidence: async () => `Its last lines:\n${readFileSync(logPath(places), "utf8").trim().split("\n").slice(-5).join("\n")}\n`,
  });
  return own;
}

/** The engine that a lab would use, if it runs. */
export async function findDocker(places: LabPlaces, signal?: AbortSignal): Promise<LabDocker | undefined> {
  const own = ownDocker(places);
  if (existsSync(namespacePath(places))) return (await answers(own.environment, signal)) ? own : undefined;
  return (await answers({}, signal)) ? withClient({}, []) : undefined;
}

/** Whether the lab runs an engine of its own, or has left something of one. */
export const hasOwnDocker = (places: LabPlaces): boolean => existsSync(namespacePath(places));

/** Ends the lab's own engine with all its processes, mounts and its network namespace. Nothing happens if there is none. */
export async function stopDocker(places: LabPlaces): Promise<void> {
  if (!hasOwnDocker(places)) return;
  const pid = daemonPid(places);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    await waitUntil("the Docker engine ends", async () => daemonPid(places) === undefined, { seconds: STOP_SECONDS });
  }
  for (const mount of mountsUnder([places.state, dataRoot(places)])) await run(["umount", "--lazy", mount]);
  await run(["ip", "netns", "delete", places.name]);
  await rm(join(places.state, "exec"), { recursive: true, force: true });
}

function ownDocker(places: LabPlaces): LabDocker {
  return withClient({ DOCKER_HOST: `unix://${socketPath(places)}` }, ["nsenter", `--net=${namespacePath(places)}`]);
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
      `No Docker engine answers on this machine, and to start one these are missing: apt-get install ${missing.join(" ")}`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new LabMachineError(
      "No Docker engine answers to this user. Start Docker and join its group, or run the lab as root: it starts an engine of its own.",
    );
  }
}

/** Its bridges and firewall rules stay in the namespace. `ip netns exec` would hide the cgroups. */
function startDaemon(places: LabPlaces): void {
  const log = openSync(logPath(places), "w", 0o600);
  const [enter = "", ...entered] = ownDocker(places).enter;
  const folders = ["-H", `unix://${socketPath(places)}`, "--data-root", dataRoot(places), "--exec-root", join(places.state, "exec")];
  spawn(enter, [...entered, "dockerd", ...folders, "-p", pidPath(places)], { detached: true, stdio: ["ignore", log, log] }).unref();
}

/** Of the running daemon; a number that another process has got since is not taken for it. */
function daemonPid(places: LabPlaces): number | undefined {
  try {
    const pid = Number(readFileSync(pidPath(places), "utf8"));
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(socketPath(places)) ? pid : undefined;
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

const namespacePath = ({ name }: LabPlaces) => `/run/netns/${name}`;
const socketPath = ({ name }: LabPlaces) => `/run/${name}.sock`;
const dataRoot = ({ cache, name }: LabPlaces) => join(cache, `docker-${name}`);
const pidPath = ({ state }: LabPlaces) => join(state, "dockerd.pid");
const logPath = ({ state }: LabPlaces) => join(state, "dockerd.log");

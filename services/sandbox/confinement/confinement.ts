/** Starts programs that run untrusted texts, confined by the kernel as far as it supports that. */
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { type Confined, type Confinement, confineText } from "./confine.ts";
import { OWN_PID, seccompFilter } from "./seccomp.ts";

/** The requirements of a program in addition to Node and the system's libraries. */
export interface ProgramNeeds {
  /** Files and folders. */
  readable: readonly string[];
  mayFork: boolean;
}

/** Node, its linked libraries, and the shell. */
const SYSTEM = [
  dirname(process.execPath),
  "/usr",
  "/lib",
  "/lib64",
  "/bin",
  "/etc/ld.so.cache",
  "/etc/ssl/openssl.cnf",
  "/dev/null",
  "/dev/urandom",
];
/** Owns nothing. */
const UID = 10_002;
const PROBE_MS = 10_000;
/** SIGUSR1 would open a debugger. */
const NO_DEBUGGER = "--disable-sigusr1";
const LAUNCHER_FLAGS = ["--experimental-ffi", "--no-warnings", NO_DEBUGGER, "-e"];

let probed: Promise<Confined | undefined> | undefined;
/** Until it was found not to work. */
let isUsed = process.platform === "linux";

/** Arguments of Node -> arguments of Node that no signal debugs: on Linux, those of a launcher that confines itself first. */
export function confine(args: readonly string[], needs: ProgramNeeds): string[] {
  const own = [NO_DEBUGGER, ...args];
  return isUsed ? launcherArgs(needs, own) : own;
}

/**
 * Which parts of the confinement are active, tried once per process; undefined if confinement does not work at all, as on systems other than Linux.
 * After that, launchers are not used. Call it when a confined process ended before it was ready.
 */
export function confinementHere(): Promise<Confined | undefined> {
  probed ??= probe().then((confined) => {
    isUsed = confined !== undefined;
    return confined;
  });
  return probed;
}

async function probe(): Promise<Confined | undefined> {
  if (process.platform !== "linux") return undefined;
  try {
    const args = launcherArgs({ readable: [], mayFork: false });
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: {}, cwd: "/", timeout: PROBE_MS });
    return JSON.parse(stdout) as Confined;
  } catch {
    return undefined;
  }
}

/** @param args of Node; undefined: it prints a `Confined`. */
function launcherArgs({ readable, mayFork }: ProgramNeeds, args?: readonly string[]): string[] {
  const filter = seccompFilter({ architecture: process.arch, mayFork });
  const confinement: Confinement = {
    readable: [...SYSTEM, ...readable],
    filter: filter && Buffer.from(filter).toString("base64"),
    ownPid: OWN_PID,
    uid: UID,
  };
  return [...LAUNCHER_FLAGS, confineText(confinement, args && [process.execPath, ...args])];
}

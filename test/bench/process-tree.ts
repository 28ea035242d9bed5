/** CPU and memory of processes with all their descendants, from Linux' /proc. */
import { readdirSync, readFileSync } from "node:fs";
import { KIB } from "../../services/core/protocol/byte-units.ts";

/** Linux counts CPU time in hundredths of a second (USER_HZ) on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU seconds of all child processes that have ended, with what they waited for themselves. */
export function endedCpuSeconds(): number {
  const [, , ended = 0, endedSystem = 0] = cpuTicks("self");
  return (ended + endedSystem) / TICKS_PER_SECOND;
}

/** CPU seconds of a running process, of its descendants, and of those of them that have ended. */
export function treeCpuSeconds(pid: number): number {
  const ticks = treeOf(pid).flatMap((one) => cpuTicks(String(one)));
  return ticks.reduce((sum, count) => sum + count, 0) / TICKS_PER_SECOND;
}

/** Memory of a running process and its descendants in MiB. */
export const treeMiB = (pid: number): number => treeOf(pid).reduce((sum, one) => sum + processMiB(one), 0);

/** Memory of a running process in MiB; shared pages are shared out among those who share them (PSS). 0 when it is gone. */
export function processMiB(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readProc(`${pid}/smaps_rollup`))?.[1] ?? 0) / KIB;
}

/**
 * Memory of a running process and its descendants in MiB, on a machine where no other process runs the same programs: of each file, the pages of the
 * process that has most of it count whole, once. PSS would share them out with every other Node on the machine.
 */
export function loneTreeMiB(pid: number): number {
  const parts = treeOf(pid).map((one) => mappedKiB(readProc(`${one}/smaps`)));
  const largest = new Map<string, number>();
  for (const { files } of parts) for (const [path, kib] of files) largest.set(path, Math.max(kib, largest.get(path) ?? 0));
  const all = [...largest.values(), ...parts.map(({ rest }) => rest)];
  return all.reduce((sum, kib) => sum + kib, 0) / KIB;
}

/** Of proc_pid_smaps(5): RSS by mapped file, and the PSS of everything else, which only the tree shares. */
export function mappedKiB(smaps: string): { files: Map<string, number>; rest: number } {
  const files = new Map<string, number>();
  let rest = 0;
  let path: string | undefined;
  for (const line of smaps.split("\n")) {
    const mapping = /^[\da-f]+-[\da-f]+ \S+ \S+ \S+ (\d+) *(.*)$/.exec(line);
    if (mapping) path = mapping[1] === "0" || mapping[2]?.endsWith("(deleted)") ? undefined : mapping[2];
    const [, name, kib] = /^(Rss|Pss): +(\d+) kB$/.exec(line) ?? [];
    if (name === "Rss" && path !== undefined) files.set(path, (files.get(path) ?? 0) + Number(kib));
    if (name === "Pss" && path === undefined) rest += Number(kib);
  }
  return { files, rest };
}

/** Our own child process of that name. */
export function childNamed(name: string): number {
  const pid = childrenOf(process.pid).find((child) => readProc(`${child}/comm`).trim() === name);
  if (pid === undefined) throw new Error(`there is no child process ${name}`);
  return pid;
}

/** utime, stime, cutime, cstime: fields 14 to 17 of proc_pid_stat(5); the name before them may hold anything. */
function cpuTicks(pid: string): number[] {
  const stat = readProc(`${pid}/stat`);
  return stat === ""
    ? []
    : stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .slice(11, 15)
        .map(Number);
}

const treeOf = (pid: number): number[] => [pid, ...descendantsOf(pid)];

/** The processes that process `pid` has started, and those that these have. */
export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap(treeOf);
}

/** Words end with U+0000, unless the process has changed it; empty when the process is gone. */
export const commandLineOf = (pid: number): string => readProc(`${pid}/cmdline`);

function childrenOf(pid: number): number[] {
  const threads = readProcFolder(`${pid}/task`);
  return threads.flatMap((thread) => readProc(`${pid}/task/${thread}/children`).trim().split(" ").filter(Boolean).map(Number));
}

/** Empty when the process is gone. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "latin1");
  } catch {
    return "";
  }
}

function readProcFolder(path: string): string[] {
  try {
    return readdirSync(`/proc/${path}`);
  } catch {
    return [];
  }
}

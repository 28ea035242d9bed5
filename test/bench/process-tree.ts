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

import { readdirSync, readFileSync } from "node:fs";

/** x86-64 and most arm64 kernels. */
const PAGE_BYTES = 4_096;
const KIB = 1_024;

/**
 * Bytes that a process and all its descendants hold, shared pages counted once or by share; 0 if it is gone, undefined where there is no /proc.
 *
 * Uses proportional sizes; of a process whose maps this user may not read (Chromium's sandboxed ones), resident size without what it shares.
 */
export function treeMemoryBytes(rootPid: number): number | undefined {
  const parents = readParents();
  if (!parents) return undefined;
  const tree = new Set([rootPid]);
  // Children have higher ids than their parents nearly always; a second pass finds the rest.
  for (let pass = 0; pass < 2; pass++) for (const [pid, parent] of parents) if (tree.has(parent)) tree.add(pid);
  return [...tree].reduce((sum, pid) => sum + memoryBytes(pid), 0);
}

function readParents(): [number, number][] | undefined {
  let entries: string[];
  try {
    entries = readdirSync("/proc");
  } catch {
    return undefined;
  }
  return entries
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry): [number, number] => [Number(entry), parentOf(readProc(`${entry}/stat`))])
    .sort(([a], [b]) => a - b);
}

/** `"42 (name) S 7 …" -> 7`; the name may hold anything. */
export const parentOf = (stat: string): number => Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);

function memoryBytes(pid: number): number {
  const proportional = /^Pss:\s+(\d+) kB/m.exec(readProc(`${pid}/smaps_rollup`))?.[1];
  if (proportional !== undefined) return Number(proportional) * KIB;
  const [, resident = 0, shared = 0] = readProc(`${pid}/statm`).split(" ").map(Number);
  return (resident - shared) * PAGE_BYTES;
}

/** Empty when the process has gone, or is another user's. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}

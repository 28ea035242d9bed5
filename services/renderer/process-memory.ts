import { readdirSync } from "node:fs";
import { KIB } from "../core/protocol/byte-units.ts";
import { readKernelFile } from "../core/runtime/kernel-file.ts";

/** x86-64 and most arm64 kernels. */
const PAGE_BYTES = 4_096;

/**
 * Bytes of a process and all its descendants, shared pages counted once or proportionally; 0 if it is gone, undefined without /proc.
 *
 * Uses proportional sizes; for a process whose maps this user may not read (Chromium's sandboxed ones), resident size without shared memory.
 */
export function treeMemoryBytes(rootPid: number): number | undefined {
  const parents = readParents();
  if (!parents) return undefined;
  const tree = new Set([rootPid]);
  // Children nearly always have higher ids than their parents; a second pass finds the rest.
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
    .map((entry): [number, number] => [Number(entry), parentOf(readKernelFile(`/proc/${entry}/stat`))])
    .sort(([a], [b]) => a - b);
}

/** `"42 (name) S 7 …" -> 7`; the name may hold anything. */
export const parentOf = (stat: string): number => Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);

function memoryBytes(pid: number): number {
  const proportional = /^Pss:\s+(\d+) kB/m.exec(readKernelFile(`/proc/${pid}/smaps_rollup`))?.[1];
  if (proportional !== undefined) return Number(proportional) * KIB;
  const [, resident = 0, shared = 0] = readKernelFile(`/proc/${pid}/statm`).split(" ").map(Number);
  return (resident - shared) * PAGE_BYTES;
}

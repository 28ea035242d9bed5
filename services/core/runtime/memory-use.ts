/** The memory that counts towards the limit of this process. */
import { readKernelFile } from "./kernel-file.ts";

export interface MemoryUse {
  memoryBytes: number;
  /** Of the container. */
  memoryLimitBytes?: number;
}

/**
 * What the container of this process uses, without what the kernel can drop at once; outside of a container what the process uses.
 *
 * @param group the folder of the container's control group (version 2).
 */
export function memoryUse(group = "/sys/fs/cgroup"): MemoryUse {
  const current = readNumber(`${group}/memory.current`);
  if (current === undefined) return { memoryBytes: process.memoryUsage.rss() };
  const droppable = Number(/^inactive_file (\d+)$/m.exec(readKernelFile(`${group}/memory.stat`))?.[1] ?? 0);
  const memoryBytes = Math.max(0, current - droppable);
  const memoryLimitBytes = readNumber(`${group}/memory.max`);
  return memoryLimitBytes === undefined ? { memoryBytes } : { memoryBytes, memoryLimitBytes };
}

/** Undefined for `max`, which means no limit, and without the file. */
function readNumber(path: string): number | undefined {
  const text = readKernelFile(path).trim();
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

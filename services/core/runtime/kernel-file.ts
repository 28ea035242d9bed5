import { readFileSync } from "node:fs";

/** A file of /proc or /sys; empty if it cannot be read: it is gone, or belongs to another user. */
export function readKernelFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where a peer stands, or why it could not be had. */
export type Installed = { folder: string } | { reason: string };

/** By the XDG base directories; may be removed at any time. */
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "orbweaver", "peers");

/** Installs a peer once a version, by its own package manager and into a folder of its own: nothing of it becomes ours. */
export function installOnce(name: string, commandsFor: (folder: string) => string[][]): Installed {
  const folder = join(CACHE, name);
  const complete = join(folder, "installed");
  if (existsSync(complete)) return { folder };
  process.stderr.write(`installing ${name} into ${folder}\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [command = "", ...args] of commandsFor(folder)) {
    const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
    if (status !== 0) return { reason: `${command} ${args.join(" ")}: ${error?.message ?? lastLine(stderr)}` };
  }
  mkdirSync(complete);
  return { folder };
}

const lastLine = (text: string) => text.trim().split("\n").at(-1) ?? "";

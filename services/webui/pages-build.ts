/** Builds the web UI's pages with Vite if they are missing or older than their sources. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../core/runtime/checkout.ts";

const PAGES = join(ROOT, "services/webui/pages");
const DIST = join(PAGES, "dist");

/** The pages, and what is built into them: the types that scripts are checked with, and the first scripts of projects. */
const SOURCES = [
  { folder: PAGES, exclude: ["dist*/**", "dist*"] },
  { folder: join(ROOT, "services/sdk"), exclude: [] },
  { folder: join(ROOT, "services/core/protocol"), exclude: [] },
  { folder: join(ROOT, "examples"), exclude: [] },
];

/** Whether the pages must be built: pure in the modification times (milliseconds; undefined: missing). */
export const isStale = (builtMs: number | undefined, sourcesMs: number[]): boolean =>
  builtMs === undefined || sourcesMs.some((time) => time > builtMs);

/**
 * Builds the pages if necessary; calls `say` first, because it takes some seconds.
 *
 * @returns false on failure: the REST API works without them. Vite's own message goes to stderr.
 */
export async function buildPages(say: (text: string) => void): Promise<boolean> {
  const sources = SOURCES.flatMap(({ folder, exclude }) => globSync("**/*", { cwd: folder, exclude }).map((file) => join(folder, file)));
  if (
    !isStale(
      changedMs(join(DIST, "index.html")),
      sources.map((file) => changedMs(file) ?? 0),
    )
  )
    return true;
  say("building the web UI's pages (once after each change, some seconds)");
  // Built in another folder and moved into place, so that two concurrent builds do not remove each other's files.
  const draft = `${DIST}-${process.pid}`;
  const built = await runVite(draft);
  if (built) replaceDirectory(draft, DIST);
  rmSync(draft, { recursive: true, force: true });
  return built;
}

function changedMs(path: string): number | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() ? 0 : stats?.mtimeMs;
}

async function runVite(outDir: string): Promise<boolean> {
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  const args = [vite, "build", PAGES, "--outDir", outDir, "--emptyOutDir", "--logLevel", "error"];
  const [code] = await once(spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] }), "exit");
  return code === 0;
}

function replaceDirectory(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  try {
    renameSync(from, to);
  } catch (error) {
    // Another process finished first, with the same files.
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY" && (error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LabWork, run } from "../command.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MANIFESTS = ["package.json", "package-lock.json"];

/**
 * The folder that `npm ci` makes for the roles' images, as images/base/Dockerfile does it: under `cache`, made if it is not there.
 *
 * @throws LabCommandError if npm fails.
 */
export async function ensureNodeModules(cache: string, { say, signal }: LabWork): Promise<{ hash: string; folder: string }> {
  const [manifest = "", lock = ""] = await Promise.all(MANIFESTS.map((file) => readFile(join(ROOT, file), "utf8")));
  const hash = createHash("sha256")
    .update(JSON.stringify(productionOf(manifest, lock)))
    .digest("hex")
    .slice(0, 16);
  const folder = join(cache, `node-modules-${hash}`);
  if (existsSync(folder)) return { hash, folder };
  say("installing the roles' packages from npm");
  const draft = await mkdtemp(`${folder}.`);
  try {
    for (const file of MANIFESTS) await copyFile(join(ROOT, file), join(draft, file));
    const options = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
    await run(["nice", "npm", "ci", ...options], { directory: draft, signal });
    await run(["chmod", "-R", "go+rX", draft]);
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { hash, folder };
}

/** What of `package.json` and `package-lock.json` reaches the roles: tools for development change more often. */
function productionOf(manifest: string, lock: string): unknown {
  const { dependencies, optionalDependencies } = JSON.parse(manifest) as Record<string, unknown>;
  const { packages } = JSON.parse(lock) as { packages: Record<string, { dev?: boolean }> };
  const installed = Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  return [dependencies, optionalDependencies, installed];
}

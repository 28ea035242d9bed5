import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../services/core/runtime/checkout.ts";
import { imageManifests } from "../../stacks/image-packages.ts";
import { type LabWork, run } from "../command.ts";

const TRIM = "images/base/trim-packages.sh";

/**
 * The folder that `npm ci` creates for the roles' images, as in images/base/Dockerfile: under `cache`, created if missing.
 *
 * @throws LabCommandError if npm fails, or `strip` is missing (package binutils).
 */
export async function ensureNodeModules(cache: string, { say, signal }: LabWork): Promise<{ hash: string; folder: string }> {
  const read = (file: string) => readFile(join(ROOT, file), "utf8");
  const { manifest, lock } = imageManifests(await read("package.json"), await read("package-lock.json"));
  const hash = createHash("sha256")
    .update(manifest)
    .update(lock)
    .update(await read(TRIM))
    .digest("hex")
    .slice(0, 16);
  const folder = join(cache, `node-modules-${hash}`);
  if (existsSync(folder)) return { hash, folder };
  say("installing the roles' packages from npm");
  const draft = await mkdtemp(`${folder}.`);
  try {
    await writeFile(join(draft, "package.json"), manifest);
    await writeFile(join(draft, "package-lock.json"), lock);
    const options = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
    await run(["nice", "npm", "ci", ...options], { directory: draft, signal });
    await run(["sh", join(ROOT, TRIM), draft], { signal });
    await run(["chmod", "-R", "go+rX", draft]);
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { hash, folder };
}

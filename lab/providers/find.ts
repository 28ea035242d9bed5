/** Makes sure that the engine finds its providers: the real ones, or the lab's stand-ins if those cannot be installed. */
import { existsSync, globSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram, type LabWork } from "../command.ts";

const PROVIDERS = ["command", "docker"] as const;

/**
 * Writes an executable for every provider whose real plugin is neither on PATH nor in the plugin cache of `pulumiHome`.
 *
 * @returns the folder that must come first on PATH for them; it is empty if all are real.
 */
export async function ensureProviders(
  folder: string,
  { say, pulumiHome = join(homedir(), ".pulumi") }: LabWork & { pulumiHome?: string },
): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of PROVIDERS) {
    const program = `pulumi-resource-${name}`;
    if ((await findProgram(program)) !== undefined || isCached(name, pulumiHome)) continue;
    say(`the provider plugin ${name} is not installed: using the lab's stand-in`);
    const main = fileURLToPath(new URL(`./${name}/main.ts`, import.meta.url));
    await writeFile(join(folder, program), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    await chmod(join(folder, program), 0o755);
  }
  return folder;
}

const isCached = (name: string, pulumiHome: string) =>
  globSync(`plugins/resource-${name}-v*/pulumi-resource-${name}`, { cwd: pulumiHome }).some((path) => existsSync(join(pulumiHome, path)));

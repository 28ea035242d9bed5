/**
 * A new embedded database is a copy of a template that has the schema: creating one takes 3 CPU-seconds, a copy 0.1.
 * The template is created on first use and stored beside the installed packages.
 */
import { createHash, randomUUID } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/orbweaver/", import.meta.url));
const MIGRATIONS = fileURLToPath(new URL("./migrations/", import.meta.url));

/** The packages belong to another user, or cannot be written: every database is created without a template then. */
const NO_ACCESS = ["EACCES", "EPERM", "EROFS"];

/**
 * Makes `directory` a copy of the template, all or nothing, if it does not exist yet and a template can be created.
 *
 * @param make creates a database with the schema in the given folder, and closes it.
 */
export async function copyTemplate(directory: string, make: (folder: string) => Promise<void>): Promise<void> {
  if (await exists(directory)) return;
  const template = join(CACHE, `database-${await version()}`);
  const unfinished = `${directory}.${randomUUID()}`;
  try {
    await mkdir(CACHE, { recursive: true });
    if (!(await exists(template))) await keep(template, make);
    await mkdir(dirname(directory), { recursive: true });
    await cp(template, unfinished, { recursive: true });
    await rename(unfinished, directory);
  } catch (error) {
    if (!NO_ACCESS.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function keep(template: string, make: (folder: string) => Promise<void>): Promise<void> {
  const unfinished = `${template}.${randomUUID()}`;
  try {
    await make(unfinished);
    await rename(unfinished, template);
  } catch (error) {
    // Another process finished first.
    if (!(await exists(template))) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Changes to a template beyond the schema; another text creates new templates. */
const RECIPE = "one database";

/** Changes with PGlite, with the recipe and with every migration. */
async function version(): Promise<string> {
  const hash = createHash("sha256")
    .update(await pgliteVersion())
    .update(RECIPE);
  for (const file of (await readdir(MIGRATIONS)).sort()) hash.update(await readFile(join(MIGRATIONS, file)));
  return hash.digest("hex").slice(0, 16);
}

async function pgliteVersion(): Promise<string> {
  const main = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  return readFile(join(dirname(main), "..", "package.json"), "utf8");
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * A new embedded database is a copy of a template that has the schema: creating one takes 2 s, a copy 0.1.
 * The template is created on first use and stored beside the installed packages.
 */
import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { chown, cp, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { serverEnvironment, startLocalServer } from "./local-server.ts";
import { connectPostgres } from "./postgres.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { commandAs, type ServerUser, serverUser } from "./server-user.ts";

const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/orbweaver/", import.meta.url));
const MIGRATIONS = fileURLToPath(new URL("./migrations/", import.meta.url));

/** The packages belong to another user, or cannot be written: every database is created without a template then. */
const NO_ACCESS = ["EACCES", "EPERM", "EROFS"];

export interface TemplateOptions {
  binaries: PostgresBinaries;
  /** Whether the copy must survive a power cut right after this call. */
  isDurable: boolean;
}

/** Makes `directory` a copy of the template, all or nothing, if it does not exist yet. */
export async function copyTemplate(directory: string, { binaries, isDurable }: TemplateOptions): Promise<void> {
  if (await exists(directory)) return;
  const unfinished = `${directory}.${randomUUID()}`;
  try {
    await mkdir(dirname(directory), { recursive: true });
    const template = await findTemplate(binaries);
    if (template === undefined) await makeDatabase(unfinished, binaries);
    else await cp(template, unfinished, { recursive: true });
    await settle(unfinished, serverUser(unfinished), isDurable);
    await rename(unfinished, directory);
    if (isDurable) await sync(dirname(directory));
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** The template's path, created if it is missing; undefined if it cannot be. */
async function findTemplate(binaries: PostgresBinaries): Promise<string | undefined> {
  const template = join(CACHE, `postgres-${await version(binaries)}`);
  if (await exists(template)) return template;
  const unfinished = `${template}.${randomUUID()}`;
  try {
    await mkdir(CACHE, { recursive: true });
    await makeDatabase(unfinished, binaries);
    await rename(unfinished, template);
  } catch (error) {
    if (NO_ACCESS.includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    // Another process finished first.
    if (!(await exists(template))) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return template;
}

/**
 * Creates a database with the schema. Its log comes in files of 1 MiB instead of 16, so that an idle one takes 2 MiB. The databases from which
 * Postgres copies new ones are not needed, and copying them would copy 600 of 1,000 files for each data directory.
 */
async function makeDatabase(folder: string, binaries: PostgresBinaries): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  const user = serverUser(folder);
  if (user) await chown(folder, user.uid, user.gid);
  const args = [
    "-D",
    folder,
    "-U",
    "orbweaver",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--wal-segsize=1",
    ...NO_SPARE_LOG,
  ];
  const [program = "", ...rest] = commandAs(user, [binaries.initdb, ...args]);
  await promisify(execFile)(program, rest, { cwd: "/", env: serverEnvironment() });
  const server = await startLocalServer({ directory: folder, binaries, user, isDurable: false });
  try {
    const database = await connectPostgres(server.url);
    await database.exec("update pg_database set datistemplate = false");
    for (const unused of ["template0", "template1"]) await database.exec(`drop database ${unused}`);
    await database.close();
  } finally {
    await server.stop();
  }
}

/** Otherwise each copy has 6 MiB of log files that are not used yet. */
const NO_SPARE_LOG = ["-c", "wal_recycle=off"];

/** Gives all files to the server's user, and to the disk; all at once, as the disk then writes them together. */
async function settle(folder: string, user: ServerUser | undefined, isDurable: boolean): Promise<void> {
  const paths = ["", ...(await readdir(folder, { recursive: true }))].map((entry) => join(folder, entry));
  if (user) await Promise.all(paths.map((path) => chown(path, user.uid, user.gid)));
  if (isDurable) await Promise.all(paths.map(sync));
}

async function sync(path: string): Promise<void> {
  await using file = await open(path);
  await file.sync();
}

/** Changes to a template beyond the schema; another text creates new templates. */
const RECIPE = "segments of 1 MiB, none spare, one database";

/** Changes with Postgres, with the recipe and with every migration. */
async function version({ version }: PostgresBinaries): Promise<string> {
  const hash = createHash("sha256").update(version).update(RECIPE);
  for (const file of (await readdir(MIGRATIONS)).sort()) hash.update(await readFile(join(MIGRATIONS, file)));
  return hash.digest("hex").slice(0, 16);
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

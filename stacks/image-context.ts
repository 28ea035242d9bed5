/** The build contexts of the images: the needed parts of this repository, as one file each. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../services/core/runtime/checkout.ts";
import { buildPages } from "../services/webui/pages-build.ts";
import { type ArchiveFile, packFiles, readFiles } from "./file-archive.ts";
import { imageManifests } from "./image-packages.ts";
import type { ImageStageName } from "./render/image-script.ts";
import { ROLES, type Role } from "./roles.ts";

/** The web UI's pages as built by Vite, without their sources. */
const PAGES = "services/webui/pages";
/** What every role's image has. */
const SHARED = ["core", "sdk", "compiler", "sandbox"].map((name) => `services/${name}`);
/** The byte of a gzip header that names the operating system, and its value for "unknown" (RFC 1952, 2.3.1). */
const GZIP_OS = { offset: 9, unknown: 255 };

export interface ImageContext {
  /** A gzipped tar on this machine, as a word of a shell: the same text on every machine. */
  shellPath: string;
  /** SHA-256 of its content, hexadecimal: the same for the same files, on any machine at any time. */
  hash: string;
}

/** The bases and Chromium change rarely, the roles with every version. */
export type ImageContexts = Record<ImageStageName, ImageContext>;

/** In the home directory. */
const CACHE = ".cache/orbweaver/contexts";

/**
 * Packs the contexts into the operator's cache, or finds them there. Takes less than a second, or some more if the web UI's pages must be built.
 *
 * @throws Error if the pages cannot be built; Vite's message is on stderr.
 */
export async function packImageContexts(say: (line: string) => void): Promise<ImageContexts> {
  if (!(await buildPages(say))) throw new Error("The web UI's pages cannot be built; Vite's message is above.");
  return {
    bases: await pack("bases", [...manifests(), ...readFiles(ROOT, ["images/base"])]),
    chromium: await pack("chromium", readFiles(ROOT, ["images/chromium"])),
    roles: await pack("roles", [...readFiles(ROOT, ["images/role"]), ...below("shared", SHARED), ...ROLES.flatMap(roleFiles)]),
  };
}

async function pack(stage: string, files: readonly ArchiveFile[]): Promise<ImageContext> {
  const tar = await packFiles(files);
  const hash = createHash("sha256").update(tar).digest("hex");
  const name = `${stage}-context-${hash.slice(0, 16)}.tgz`;
  const directory = join(homedir(), CACHE);
  const path = join(directory, name);
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true });
    const compressed = gzipSync(tar);
    compressed[GZIP_OS.offset] = GZIP_OS.unknown;
    writeFileSync(`${path}.new`, compressed);
    renameSync(`${path}.new`, path);
  }
  return { shellPath: `"$HOME/${CACHE}/${name}"`, hash };
}

function manifests(): ArchiveFile[] {
  const read = (name: string) => readFileSync(join(ROOT, name), "utf8");
  const { manifest, lock } = imageManifests(read("package.json"), read("package-lock.json"));
  const file = (name: string, text: string) => ({ name, content: Buffer.from(text), isExecutable: false });
  return [file("package.json", manifest), file("package-lock.json", lock)];
}

/** `roles/<role>` has what only this role needs, so that the role's image takes it by one step. */
function roleFiles(role: Role): ArchiveFile[] {
  const folder = `services/${role}`;
  if (role !== "webui") return below(`roles/${role}`, [folder]);
  const sources = readdirSync(join(ROOT, folder)).filter((name) => !PAGES.endsWith(`/${name}`) && !name.startsWith("."));
  return below(`roles/${role}`, [...sources.map((name) => `${folder}/${name}`), `${PAGES}/dist`]);
}

/** Files of the repository, in a folder of the context. */
const below = (folder: string, paths: readonly string[]): ArchiveFile[] =>
  readFiles(ROOT, paths).map((file) => ({ ...file, name: `${folder}/${file.name}` }));

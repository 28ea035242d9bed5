/** What images are built from: the parts of this repository that go into them, as one file each. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildPages } from "../services/webui/pages-build.ts";
import { type ArchiveFile, packFiles, readFiles } from "./file-archive.ts";
import { imageManifests } from "./image-packages.ts";
import { ROLES } from "./roles.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The web UI's pages go in as Vite built them, without their sources. */
const PAGES = "services/webui/pages";
/** The byte of a gzip header that names the operating system, and its value for "unknown" (RFC 1952, 2.3.1). */
const GZIP_OS = { offset: 9, unknown: 255 };

export interface ImageContext {
  /** A gzipped tar on this machine, as a word of a shell: the same text on every machine. */
  shellPath: string;
  /** SHA-256 of its content, hexadecimal: the same for the same files, whoever packs them and when. */
  hash: string;
}

/** Bases change seldom, the roles with every version. */
export type ImageContexts = Record<"bases" | "roles", ImageContext>;

/** In the home directory. */
const CACHE = ".cache/orbweaver/contexts";

/**
 * Packs the contexts into the operator's cache, or finds them there. Takes less than a second, and some more if the web UI's pages have to be built.
 *
 * @throws Error if the pages cannot be built; Vite's message is on stderr.
 */
export async function packImageContexts(say: (line: string) => void): Promise<ImageContexts> {
  if (!(await buildPages(say))) throw new Error("The web UI's pages cannot be built; Vite's message is above.");
  return {
    bases: await pack("bases", [...manifests(), ...readFiles(ROOT, ["images/base", "images/chromium"])]),
    roles: await pack("roles", readFiles(ROOT, ["images/role", ...services()])),
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

function services(): string[] {
  const webui = readdirSync(join(ROOT, "services/webui")).filter((name) => !PAGES.endsWith(`/${name}`) && !name.startsWith("."));
  const others = ["core", "script", ...ROLES.filter((role) => role !== "webui")];
  return [...others.map((name) => `services/${name}`), ...webui.map((name) => `services/webui/${name}`), `${PAGES}/dist`];
}

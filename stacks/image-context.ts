/** What images are built from: the part of this repository that goes into them, as one file. */
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

/** In the home directory. */
const CACHE = ".cache/orbweaver/contexts";

/**
 * Packs the context into the operator's cache, or finds it there. Takes less than a second, and some more if the web UI's pages have to be built.
 *
 * @throws Error if the pages cannot be built; Vite's message is on stderr.
 */
export async function packImageContext(say: (line: string) => void): Promise<ImageContext> {
  if (!(await buildPages(say))) throw new Error("The web UI's pages cannot be built; Vite's message is above.");
  const tar = await packFiles([...manifests(), ...readFiles(ROOT, ["images", ...services()])]);
  const hash = createHash("sha256").update(tar).digest("hex");
  const name = `context-${hash.slice(0, 16)}.tgz`;
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

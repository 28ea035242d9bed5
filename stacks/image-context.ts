/** What images are built from: the part of this repository that goes into them, as one file. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPages } from "../services/webui/pages-build.ts";
import { ROLES } from "./roles.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MANIFESTS = ["package.json", "package-lock.json"];
/** The web UI's pages go in as Vite built them, without their sources. */
const PAGES = "services/webui/pages";
const MAX_BYTES = 256 * 2 ** 20;

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
  const tar = execFileSync(
    "tar",
    [
      ...["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=go=rX,u+rw"],
      ...["--create", "--file=-", "--directory", ROOT, ...MANIFESTS, "images", ...services()],
    ],
    { maxBuffer: MAX_BYTES },
  );
  const hash = createHash("sha256").update(tar).digest("hex");
  const name = `context-${hash.slice(0, 16)}.tgz`;
  const directory = join(homedir(), CACHE);
  const path = join(directory, name);
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${path}.new`, execFileSync("gzip", ["--no-name", "--stdout"], { input: tar, maxBuffer: MAX_BYTES }));
    renameSync(`${path}.new`, path);
  }
  return { shellPath: `"$HOME/${CACHE}/${name}"`, hash };
}

function services(): string[] {
  const webui = readdirSync(join(ROOT, "services/webui")).filter((name) => !PAGES.endsWith(`/${name}`));
  const others = ["core", "script", ...ROLES.filter((role) => role !== "webui")];
  return [...others.map((name) => `services/${name}`), ...webui.map((name) => `services/webui/${name}`), `${PAGES}/dist`].sort();
}

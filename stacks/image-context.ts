/** What images are built from: the part of this repository that goes into them, as one file. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PARTS = ["images", "package.json", "package-lock.json", "services"];
const MAX_BYTES = 256 * 2 ** 20;

export interface ImageContext {
  /** A gzipped tar on this machine. */
  path: string;
  /** SHA-256 of its content, hexadecimal: the same for the same files, whoever packs them and when. */
  hash: string;
}

/** Packs the context into `directory`, or finds it there. Takes less than a second. */
export function packImageContext(directory: string): ImageContext {
  const tar = execFileSync(
    "tar",
    [
      ...["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=go=rX,u+rw"],
      ...["--exclude=services/cli", "--exclude=services/webui/pages/[!d]*", "--create", "--file=-", "--directory", ROOT, ...PARTS],
    ],
    { maxBuffer: MAX_BYTES },
  );
  const hash = createHash("sha256").update(tar).digest("hex");
  const path = join(directory, `context-${hash.slice(0, 16)}.tgz`);
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${path}.new`, execFileSync("gzip", ["--no-name", "--stdout"], { input: tar, maxBuffer: MAX_BYTES }));
    renameSync(`${path}.new`, path);
  }
  return { path, hash };
}

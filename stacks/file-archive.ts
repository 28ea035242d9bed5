/** Archives whose bytes depend only on the files: not on the machine, the user, the umask or the time. */
import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { join } from "node:path";
import { packTar } from "modern-tar";

export interface ArchiveFile {
  /** Relative, with `/`; a folder's name ends with one. */
  name: string;
  /** Undefined: a folder. */
  content?: Uint8Array;
  isExecutable: boolean;
}

/**
 * Reads files, and folders with their contents. Names that begin with a dot are left out: editors and file managers create such files anywhere.
 *
 * @param names below `root`.
 * @throws Error if one is missing, or is a symbolic link or a device.
 */
export const readFiles = (root: string, names: readonly string[]): ArchiveFile[] => names.flatMap((name) => readTree(root, name));

/** A tar archive of the files, sorted by name, all owned by root, with modes 755 and 644 and time 0. */
export async function packFiles(files: readonly ArchiveFile[]): Promise<Uint8Array> {
  // Not by locale: every machine must sort in the same order.
  const sorted = files.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return packTar(sorted.map(toEntry));
}

function toEntry({ name, content, isExecutable }: ArchiveFile): Parameters<typeof packTar>[0][number] {
  const owner = { mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "" };
  if (content === undefined) return { header: { name, size: 0, type: "directory", mode: 0o755, ...owner } };
  return { header: { name, size: content.length, type: "file", mode: isExecutable ? 0o755 : 0o644, ...owner }, body: content };
}

function readTree(root: string, name: string): ArchiveFile[] {
  const path = join(root, name);
  const stats = lstatSync(path);
  if (stats.isFile()) return [{ name, content: readFileSync(path), isExecutable: isExecutable(stats) }];
  if (!stats.isDirectory()) throw new Error(`${path} is neither a file nor a folder, so it cannot go into an archive`);
  const inside = readdirSync(path).filter((entry) => !entry.startsWith("."));
  return [{ name: `${name}/`, isExecutable: true }, ...inside.flatMap((entry) => readTree(root, `${name}/${entry}`))];
}

const isExecutable = ({ mode }: Stats) => (mode & 0o100) !== 0;

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { unpackTar } from "modern-tar";
import { packFiles, readFiles } from "../../../stacks/file-archive.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

const LONG_NAME = `folder/${"x".repeat(120)}.ts`;
const FILES = { "folder/b.ts": "b", "folder/a.ts": "a", "folder/Z.ts": "", "folder/deep/c.sh": "c", [LONG_NAME]: "long" };

function writeTree(root: string, names: string[], { mode, time }: { mode: number; time: number }): void {
  mkdirSync(join(root, "folder/deep"), { recursive: true });
  for (const name of names) {
    const path = join(root, name);
    writeFileSync(path, FILES[name as keyof typeof FILES] ?? "");
    chmodSync(path, name.endsWith(".sh") ? mode | 0o100 : mode);
    utimesSync(path, time, time);
  }
  chmodSync(join(root, "folder/deep"), mode | 0o700);
}

test("the same files give the same bytes, whatever their order, time and umask", async () => {
  using one = temporaryDirectory();
  using other = temporaryDirectory();
  writeTree(one.path, Object.keys(FILES), { mode: 0o600, time: 1 });
  writeTree(other.path, Object.keys(FILES).reverse(), { mode: 0o664, time: 1_000_000_000 });

  const archives = await Promise.all([one, other].map(({ path }) => packFiles(readFiles(path, ["folder"]))));

  assert.deepEqual(archives[0], archives[1]);
});

test("every entry belongs to root, has time 0, and one of two modes", async () => {
  using directory = temporaryDirectory();
  writeTree(directory.path, Object.keys(FILES), { mode: 0o600, time: 1 });

  const entries = await unpackTar(await packFiles(readFiles(directory.path, ["folder"])));

  const shown = entries.map(({ header: { name, mode, uid, gid, mtime } }) =>
    [name, mode?.toString(8), uid, gid, mtime?.getTime()].join(" "),
  );
  assert.deepEqual(shown, [
    "folder/ 755 0 0 0",
    "folder/Z.ts 644 0 0 0",
    "folder/a.ts 644 0 0 0",
    "folder/b.ts 644 0 0 0",
    "folder/deep/ 755 0 0 0",
    "folder/deep/c.sh 755 0 0 0",
    `${LONG_NAME} 644 0 0 0`,
  ]);
});

test("a changed file changes the bytes, and a file with a leading dot does not", async () => {
  using directory = temporaryDirectory();
  writeTree(directory.path, Object.keys(FILES), { mode: 0o644, time: 1 });
  const pack = () => packFiles(readFiles(directory.path, ["folder"]));
  const first = await pack();

  writeFileSync(join(directory.path, "folder/.DS_Store"), "finder");
  const withDotFile = await pack();
  writeFileSync(join(directory.path, "folder/a.ts"), "A");
  const changed = await pack();

  assert.deepEqual(withDotFile, first);
  assert.notDeepEqual(changed, first);
});

test("a symbolic link is refused by its path", () => {
  using directory = temporaryDirectory();
  mkdirSync(join(directory.path, "folder"));
  symlinkSync("/etc/passwd", join(directory.path, "folder/link"));

  assert.throws(() => readFiles(directory.path, ["folder"]), /folder\/link is neither a file nor a folder/);
});

/** The chapters of ARCHITECTURE.md stay short, and name what is in the tree. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../services/core/runtime/checkout.ts";

const MAX_LINES = 60;
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const chapters = globSync("docs/architecture/*.md", { cwd: ROOT });
const documents = ["ARCHITECTURE.md", ...chapters];
const tree = globSync("{.ci,demo,docs,examples,images,lab,packages,services,stacks,test}/**/*.*", {
  cwd: ROOT,
  exclude: ["**/node_modules/**", "**/dist/**"],
});
const files = [...tree, ...globSync("*.*", { cwd: ROOT })];
/** Walks name files relative to one of these. */
const BASES = ["", "services/", "stacks/"];

test("ARCHITECTURE.md links to every chapter", () => {
  const text = read("ARCHITECTURE.md");

  assert.ok(chapters.length > 20);
  assert.deepEqual(
    chapters.filter((chapter) => !text.includes(`](${chapter})`)),
    [],
  );
});

for (const document of documents) {
  test(`${document} fits one screen of at most ${MAX_LINES} lines`, () => {
    assert.ok(read(document).trimEnd().split("\n").length <= MAX_LINES);
  });

  test(`${document} names files and folders that exist`, () => {
    assert.deepEqual(
      pathsIn(read(document)).filter((path) => !isInTree(path)),
      [],
    );
  });

  test(`the hops of ${document} are functions of the named files`, () => {
    assert.deepEqual(
      hopsIn(read(document)).filter((hop) => !isDeclared(hop)),
      [],
    );
  });
}

test("the check finds a file or function that does not exist", () => {
  const text = "`services/core/no.ts`, `no-folder/`, `task.ts`, `core/protocol/task.ts:taskOf`, `scheduler/term.ts:Term.#send`";

  assert.deepEqual(
    pathsIn(text).filter((path) => !isInTree(path)),
    ["services/core/no.ts", "no-folder/"],
  );
  assert.deepEqual(
    hopsIn(text).filter((hop) => !isDeclared(hop)),
    [{ path: "core/protocol/task.ts", name: "taskOf" }],
  );
});

interface Hop {
  path: string;
  /** `function`, `Class.method` or `Class.#method`. */
  name: string;
}

/** Files, and folders with a slash at the end; absolute paths are of other machines. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/`((?!\/)[\w./-]*(?:\.(?:lua|md|mjs|sh|ts|tsx)|\/))`/g)].map(([, path = ""]) => path);
}

const isInTree = (path: string): boolean =>
  path.endsWith("/") ? files.some((file) => `/${file}`.includes(`/${path}`)) : files.some((file) => `/${file}`.endsWith(`/${path}`));

/** `path:function`; a walk's steps. */
function hopsIn(text: string): Hop[] {
  return [...text.matchAll(/`([\w./-]+\.(?:lua|ts)):([\w.#]+)`/g)].map(([, path = "", name = ""]) => ({ path, name }));
}

function isDeclared({ path, name }: Hop): boolean {
  const file = BASES.map((base) => base + path).find((candidate) => files.includes(candidate));
  if (file === undefined) return false;
  const source = read(file);
  const [member = "", owner] = name.split(".").reverse();
  if (owner === undefined) return new RegExp(`(?:function\\*?|const) ${member}\\b`).test(source);
  return new RegExp(`class ${owner}\\b`).test(source) && new RegExp(`^ {2}(?:async )?${member}(?:<.*>)?\\(`, "m").test(source);
}

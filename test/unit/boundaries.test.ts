import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

const ROOT = resolve(import.meta.dirname, "../..");
const ROLES = ["scheduler", "fetcher", "renderer", "processor", "result-worker", "webui"];
/** Folders whose files may only import what is listed (and their own folder). */
const MAY_IMPORT: Record<string, string[]> = {
  "services/core": [],
  "services/script": ["services/core"],
  ...Object.fromEntries(ROLES.map((role) => [`services/${role}`, ["services/core"]])),
  "services/processor": ["services/core", "services/script"],
  "services/webui": ["services/core", "services/script"],
  "services/cli": ["services", "stacks", "lab"],
  // Text and typed values from typed values.
  "stacks/haproxy": ["services/core"],
  "stacks/render": [
    "services/core",
    "stacks/config",
    "stacks/config.ts",
    "stacks/haproxy",
    "stacks/mesh.ts",
    "stacks/ranges.ts",
    "stacks/roles.ts",
    "stacks/service-declaration.ts",
    "stacks/time-limits.ts",
  ],
  // A variable that a role reads and one that a stack sets are one definition; images hold the pages as they were built.
  stacks: ["services/core", ...ROLES.map((role) => `services/${role}/env.ts`), "services/webui/pages-build.ts"],
  lab: ["services/core", "stacks"],
  examples: [],
  test: ["services", "stacks", "lab", "examples"],
};
const IMPORT =
  /^\s*(?:import|export)\b(?:[^"';]*?\bfrom\s*)?\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|\bnew URL\(\s*["'](\.[^"']+\.ts)["'],\s*import\.meta\.url/gm;

const files = globSync(["{services,stacks,lab,test,examples}/**/*.{ts,tsx}"], {
  cwd: ROOT,
  exclude: ["**/node_modules/**", "**/dist/**"],
});
const imports = new Map(files.map((file) => [file, relativeImports(file, readFileSync(join(ROOT, file), "utf8"))]));

test("every file imports only what its folder may", () => {
  const breaches = [...imports].flatMap(([file, targets]) =>
    targets.filter((target) => !isAllowed(file, target)).map((target) => `${file} -> ${target}`),
  );

  assert.deepEqual(breaches, []);
});

test("no import cycles", () => {
  assert.deepEqual(findCycles(imports), []);
});

test("files have names that say something", () => {
  const vague = files.filter((file) => /(^|\/)(utils|helpers|common|index)\.tsx?$/.test(file));

  assert.deepEqual(vague, []);
});

test("files stay short: 400 lines, 500 for tests", () => {
  const long = files.filter((file) => readFileSync(join(ROOT, file), "utf8").split("\n").length > (file.startsWith("test/") ? 501 : 401));

  assert.deepEqual(long, []);
});

test("the rules see every form of import", () => {
  const forms = [
    'import { a } from "./a.ts";',
    'import "./b.ts";',
    'import type C from "./c.ts";',
    'export * from "./d.ts";',
    'await import("./e.ts")',
  ];
  const multiline = 'import {\n  f,\n  type G,\n} from "./f.ts";\n';

  const found = relativeImports("services/core/x.ts", `${forms.join("\n")}\n${multiline}new URL("./g.ts", import.meta.url)`);

  assert.deepEqual(
    found,
    ["a", "b", "c", "d", "e", "f", "g"].map((name) => `services/core/${name}.ts`),
  );
});

test("a role that imports another, and a cycle, are found", () => {
  const graph = new Map([
    ["a.ts", ["b.ts"]],
    ["b.ts", ["c.ts"]],
    ["c.ts", ["b.ts"]],
  ]);

  assert.equal(isAllowed("services/fetcher/run.ts", "services/renderer/run.ts"), false);
  assert.equal(isAllowed("services/core/env.ts", "services/script/api.ts"), false);
  assert.deepEqual(findCycles(graph), ["b.ts -> c.ts -> b.ts"]);
});

function relativeImports(file: string, source: string): string[] {
  const paths = [...source.matchAll(IMPORT)].map(([, from, dynamic, url]) => from ?? dynamic ?? url ?? "");
  return paths.filter((path) => path.startsWith(".")).map((path) => relative(ROOT, resolve(ROOT, dirname(file), path)));
}

function isAllowed(file: string, target: string): boolean {
  const [folder, others] = Object.entries(MAY_IMPORT).find(([name]) => isWithin(file, name)) ?? [];
  return folder !== undefined && [folder, ...(others ?? [])].some((allowed) => isWithin(target, allowed));
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

function findCycles(graph: Map<string, string[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (done.has(file) || path.includes(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}

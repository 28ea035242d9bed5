import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../services/core/runtime/checkout.ts";

const ROLES = ["scheduler", "fetcher", "renderer", "processor", "result-worker", "webui"];
/** Folders whose files may only import what is listed (and their own folder). */
const MAY_IMPORT: Record<string, string[]> = {
  "services/core": [],
  // Runs in the sandbox: nothing that needs a process.
  "services/sdk": ["services/core/protocol"],
  "services/sandbox": ["services/core", "services/sdk"],
  "services/compiler": ["services/core", "services/sandbox"],
  ...Object.fromEntries(ROLES.map((role) => [`services/${role}`, ["services/core"]])),
  "services/processor": ["services/core", "services/sandbox"],
  "services/webui": ["services/core", "services/compiler", "services/sdk/run-limits.ts", "services/sdk/encoding.ts", "examples/templates"],
  "services/cli": ["services", "stacks", "lab"],
  // Text and typed values from typed values.
  "stacks/render": [
    "haproxy-config-generator",
    "services/core",
    "stacks/config",
    "stacks/config.ts",
    "stacks/mesh.ts",
    "stacks/ranges.ts",
    "stacks/roles.ts",
    "stacks/service-declaration.ts",
    "stacks/time-limits.ts",
  ],
  // A variable that a role reads and one that a stack sets are one definition; images hold the pages as they were built.
  stacks: ["services/core", ...ROLES.map((role) => `services/${role}/env.ts`), "services/webui/pages-build.ts"],
  lab: ["services/core", "stacks"],
  demo: ["services/core/protocol/byte-units.ts"],
  examples: [],
  // Users have nothing of this repository but the package.
  "packages/haproxy-config-generator": [],
  test: ["services", "stacks", "lab", "demo", "examples", "packages", "haproxy-config-generator"],
};
/** Imported by their names, and so resolved by Node; every other package is one of npm. */
const WORKSPACES = globSync("packages/*", { cwd: ROOT }).map((folder) => folder.replace("packages/", ""));
const IMPORT =
  /^\s*(?:import|export)\b(?:[^"';]*?\bfrom\s*)?\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|\bnew URL\(\s*["'](\.[^"']+\.ts)["'],\s*import\.meta\.url/gm;

const files = globSync(["{services,stacks,lab,demo,test,examples,packages}/**/*.{ts,tsx}"], {
  cwd: ROOT,
  exclude: ["**/node_modules/**", "**/dist/**"],
});
const imports = new Map(files.map((file) => [file, ownImports(file, readFileSync(join(ROOT, file), "utf8"))]));

test("every file imports only modules that its folder permits", () => {
  const breaches = [...imports].flatMap(([file, targets]) =>
    targets.filter((target) => !isAllowed(file, target)).map((target) => `${file} -> ${target}`),
  );

  assert.deepEqual(breaches, []);
});

test("a package imports nothing that its users would have to install", () => {
  const sources = files.filter((file) => /^packages\/[^/]+\/src\//.test(file));
  const foreign = sources.flatMap((file) => importsIn(readFileSync(join(ROOT, file), "utf8")).filter((path) => !/^(node:|\.)/.test(path)));

  assert.ok(sources.length > 5);
  assert.deepEqual(foreign, []);
});

test("there are no import cycles", () => {
  assert.deepEqual(findCycles(imports), []);
});

test("file names describe their content", () => {
  const vague = files.filter((file) => /(^|\/)(utils|helpers|common|index)\.tsx?$/.test(file));

  assert.deepEqual(vague, []);
});

test("files stay short: 400 lines, 500 for tests", () => {
  const long = files.filter((file) => readFileSync(join(ROOT, file), "utf8").split("\n").length > (file.startsWith("test/") ? 501 : 401));

  assert.deepEqual(long, []);
});

test("the rules find every form of import", () => {
  const forms = [
    'import { a } from "./a.ts";',
    'import "./b.ts";',
    'import type C from "./c.ts";',
    'export * from "./d.ts";',
    'await import("./e.ts")',
    'import { h } from "haproxy-config-generator";',
    'import { i } from "some-other-package";',
  ];
  const multiline = 'import {\n  f,\n  type G,\n} from "./f.ts";\n';

  const found = ownImports("services/core/x.ts", `${forms.join("\n")}\n${multiline}new URL("./g.ts", import.meta.url)`);

  const own = ["a", "b", "c", "d", "e"].map((name) => `services/core/${name}.ts`);
  assert.deepEqual(found, [...own, "haproxy-config-generator", "services/core/f.ts", "services/core/g.ts"]);
});

test("the rules find a role that imports another, and a cycle", () => {
  const graph = new Map([
    ["a.ts", ["b.ts"]],
    ["b.ts", ["c.ts"]],
    ["c.ts", ["b.ts"]],
  ]);

  assert.equal(isAllowed("services/fetcher/run.ts", "services/renderer/run.ts"), false);
  assert.equal(isAllowed("services/core/runtime/env.ts", "services/sdk/api.ts"), false);
  assert.equal(isAllowed("services/core/runtime/env.ts", "haproxy-config-generator"), false);
  assert.equal(isAllowed("stacks/render/balancer.ts", "packages/haproxy-config-generator/src/model.ts"), false);
  assert.deepEqual(findCycles(graph), ["b.ts -> c.ts -> b.ts"]);
});

/** Files of this repository, and the names of its packages. */
function ownImports(file: string, source: string): string[] {
  return importsIn(source).flatMap((path) => {
    if (path.startsWith(".")) return [relative(ROOT, resolve(ROOT, dirname(file), path))];
    return WORKSPACES.includes(path) ? [path] : [];
  });
}

function importsIn(source: string): string[] {
  return [...source.matchAll(IMPORT)].map(([, from, dynamic, url]) => from ?? dynamic ?? url ?? "");
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

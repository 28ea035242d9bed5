/** What `npm pack` makes of this folder: it is installed in an empty folder, where the README's examples are type-checked and run. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempDisposableSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { checkConfiguration, noHaproxy } from "./check-configuration.ts";

const PACKAGE = resolve(import.meta.dirname, "..");
const TOOLS = resolve(PACKAGE, "../../node_modules");
const NAME = "haproxy-config-generator";
/** What npm packs, and what it needs for that. */
const SOURCES = ["package.json", "tsconfig.json", "README.md", "CHANGELOG.md", "LICENSE", "src"];

interface Example {
  name: string;
  code: string;
  /** The language of the block with the output: `haproxy` for a configuration. */
  language: string;
  output: string;
}

const readme = readFileSync(join(PACKAGE, "README.md"), "utf8");
const examples: Example[] = [...readme.matchAll(/^```ts\n(.*?)^```\n\nIt prints:\n\n```(\w+)\n(.*?)^```/gms)].map(
  ([, code = "", language = "", output = ""], index) => ({ name: `example-${index + 1}`, code, language, output }),
);

const directory = mkdtempDisposableSync(join(tmpdir(), "haproxy-config-generator-"));
const build = join(directory.path, "build", NAME);
const project = join(directory.path, "project");
const installed = join(project, "node_modules", NAME);
after(() => directory.remove());

before(() => {
  // The package.json of this folder would point to compiled files while npm packs it, also for other processes.
  for (const source of SOURCES) cpSync(join(PACKAGE, source), join(build, source), { recursive: true });
  symlinkSync(TOOLS, join(directory.path, "build/node_modules"));
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "type": "module" }\n');
  npm(build, "pack", "--pack-destination", directory.path);
  const [tarball = ""] = globSync("*.tgz", { cwd: directory.path });
  npm(project, "install", join(directory.path, tarball));
  for (const { name, code } of examples) writeFileSync(join(project, `${name}.ts`), code);
});

test("npm packs compiled JavaScript with types, and no sources", () => {
  const files = readdirSync(installed, { recursive: true }).filter((file) => file !== "dist");
  const modules = globSync("*.ts", { cwd: join(PACKAGE, "src") }).map((file) => `dist/${file.replace(/\.ts$/, "")}`);

  const compiled = modules.flatMap((module) => [`${module}.d.ts`, `${module}.js`]);
  assert.deepEqual(files.sort(), [...compiled, "CHANGELOG.md", "LICENSE", "README.md", "package.json"].sort());
});

test("npm pack leaves package.json as it was", () => {
  assert.equal(readFileSync(join(build, "package.json"), "utf8"), readFileSync(join(PACKAGE, "package.json"), "utf8"));
});

test("the README's examples have no type errors in a project that installs the package", () => {
  const compilerOptions = {
    ...{ target: "es2023", module: "nodenext", strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
    ...{ types: ["node"], typeRoots: [join(TOOLS, "@types")], noEmitOnError: true },
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));

  assert.equal(outputOf([join(TOOLS, "typescript/bin/tsc")]), "");
});

for (const { name, language, output } of examples) {
  test(`the README's ${name} prints what the README shows`, () => {
    assert.equal(outputOf([`${name}.js`]).trimEnd(), output.trimEnd());
  });

  if (language !== "haproxy") continue;
  test(`HAProxy accepts the output of the README's ${name} without a warning`, { skip: noHaproxy }, () => {
    assert.equal(checkConfiguration(output), "");
  });
}

test("the README names every property of the model", () => {
  const model = readFileSync(join(PACKAGE, "src/model.ts"), "utf8").replaceAll(/\/\*\*.*?\*\//gs, "");
  const properties = new Set([...model.matchAll(/\b([a-z]\w*)\??: /g)].map(([, name = ""]) => name));
  const named = new Set([...readme.matchAll(/`"?([\w-]+)(?:: true)?"?`/g)].map(([, name = ""]) => name));

  assert.ok(properties.size > 60);
  assert.deepEqual(
    [...properties].filter((name) => !named.has(name) && !readme.includes(`### \`${name}\``)),
    [],
  );
});

/** Nothing is fetched: the package has no dependencies. */
function npm(cwd: string, ...args: string[]): void {
  const options = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier", `--cache=${directory.path}/cache`];
  const { status, stdout, stderr } = spawnSync("npm", [...args, ...options], { cwd, encoding: "utf8" });
  assert.equal(status, 0, `npm ${args[0]}: ${stdout}${stderr}`);
}

/** The output of a program of Node, also if it fails. */
function outputOf(args: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  return `${stdout}${stderr}`;
}

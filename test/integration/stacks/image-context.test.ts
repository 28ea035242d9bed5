import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";
import { ROOT } from "../../../services/core/runtime/checkout.ts";
import { packImageContexts } from "../../../stacks/image-context.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

test("the contexts contain every file that the images' Dockerfiles copy, and packing again gives the same files", async () => {
  using directory = temporaryDirectory();

  process.env.HOME = directory.path;

  const contexts = await packImageContexts(() => {});
  const again = await packImageContexts(() => {});

  const namesIn = async ({ shellPath }: { shellPath: string }) => {
    const path = shellPath.replaceAll('"', "").replace("$HOME", directory.path);
    return (await unpackTar(gunzipSync(readFileSync(path)))).map(({ header }) => header.name);
  };
  const [bases, chromium, roles] = [await namesIn(contexts.bases), await namesIn(contexts.chromium), await namesIn(contexts.roles)];
  assert.deepEqual(again, contexts);
  assertHas(bases, ["package.json", "package-lock.json", "images/base/Dockerfile"]);
  assertHas(chromium, ["images/chromium/Dockerfile", "images/chromium/packages.txt"]);
  assertHas(roles, [
    "images/role/Dockerfile",
    "shared/services/core/",
    "roles/webui/services/webui/main.ts",
    "roles/webui/services/webui/pages/dist/index.html",
  ]);
  const readByCode = globSync("services/{core,sdk,compiler,sandbox}/**/*.{lua,sql,sh}", { cwd: ROOT }).map((name) => `shared/${name}`);
  assert.ok(readByCode.some((name) => name.endsWith(".lua")));
  assertHas(roles, readByCode);
  const unwanted = /node_modules|\bservices\/(cli\/|webui\/pages\/(?!dist\/))/;
  assert.deepEqual(
    [...bases, ...chromium, ...roles].filter((name) => unwanted.test(name)),
    [],
  );
});

const assertHas = (names: string[], expected: string[]) =>
  assert.deepEqual(
    expected.filter((name) => !names.includes(name)),
    [],
  );

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";
import { packImageContext } from "../../../stacks/image-context.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

test("the context has what the images' Dockerfiles copy, and packing it again finds the same file", async () => {
  using directory = temporaryDirectory();

  const context = await packImageContext(directory.path, () => {});
  const again = await packImageContext(directory.path, () => {});

  const names = (await unpackTar(gunzipSync(readFileSync(context.path)))).map(({ header }) => header.name);
  const expected = ["package.json", "package-lock.json", "images/role/Dockerfile", "services/core/", "services/webui/main.ts"];
  const unexpected = names.filter((name) => /node_modules|^services\/(cli\/|webui\/pages\/(?!dist\/))/.test(name));
  assert.deepEqual(again, context);
  assert.deepEqual(
    expected.filter((name) => !names.includes(name)),
    [],
  );
  assert.ok(names.includes("services/webui/pages/dist/index.html"));
  assert.deepEqual(unexpected, []);
});

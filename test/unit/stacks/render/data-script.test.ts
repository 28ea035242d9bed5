import assert from "node:assert/strict";
import { test } from "node:test";
import { dataScript } from "../../../../stacks/render/data-script.ts";
import { renderHostScript } from "../../../../stacks/render/host-script.ts";

const IMAGES = { postgres: "postgres:17", redis: "redis:7.4", registry: "registry:2.8.3" };
const textOf = (imagesOf?: string) => renderHostScript(dataScript({ images: IMAGES, imagesOf, redisConf: "", redisAcl: "" }));

test("with a day each image is pulled once, and gets a name that no other project moves", () => {
  const text = textOf("2026-11-29");

  assert.match(text, /local kept=orbweaver\/\$1:2026-11-29\n {2}if ! has "\$kept"; then\n {4}renew "\$2"/);
  assert.match(text, /docker tag "\$2" "\$kept"/);
});

test("without a day an existing image is not pulled again", () => {
  assert.doesNotMatch(textOf(), /kept/);
});

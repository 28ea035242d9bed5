import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type ImageStage, stageTag } from "../../../../stacks/render/image-script.ts";
import { collectScript, pullScript } from "../../../../stacks/render/image-versions.ts";
import { dockerHost } from "../../../fixtures/fake-docker.ts";

const REGISTRY = "10.77.0.1:5001";
const stage = (hash: string): ImageStage => ({
  registry: REGISTRY,
  context: { path: "/var/lib/orbweaver/context.tgz", hash },
  waves: [[{ name: "webui", from: { image: "webui:1" } }]],
});

test("a host keeps the last two versions of an image, images in use, and unrelated images", () => {
  using worker = dockerHost();
  const version = (name: string) => [`${REGISTRY}/orbweaver/webui@sha256:${name}`, `${REGISTRY}/orbweaver/fetcher@sha256:f`];
  worker.docker.run({ timeoutSeconds: 1, after: "docker pull --quiet redis@sha256:r" });
  for (const name of ["w1", "w2", "w3"]) {
    worker.docker.use(["w1"]);
    worker.docker.run(pullScript("roles", version(name)));
  }
  const whileUsed = worker.docker.references();

  worker.docker.use([]);
  worker.docker.run(pullScript("roles", version("w4")));

  const short = (references: string[]) => references.map((reference) => reference.replace(/.*sha256:/, ""));
  assert.deepEqual(short(whileUsed), ["f", "w1", "w2", "w3", "r"]);
  assert.deepEqual(short(worker.docker.references()), ["f", "w3", "w4", "r"]);
});

test("an image is pulled once, and a repeated version counts once", () => {
  using worker = dockerHost();
  const pull = (name: string) => worker.docker.run(pullScript("roles", [`${REGISTRY}/orbweaver/webui@sha256:${name}`]));

  for (const name of ["w1", "w2", "w2", "w1", "w3"]) pull(name);

  const pulled = worker.docker.commands().filter((command) => command.startsWith("pull "));
  assert.equal(pulled.length, 3);
  assert.deepEqual(
    worker.docker.references().map((reference) => reference.slice(-2)),
    ["w1", "w3"],
  );
});

test("the registry keeps the tags of the last three versions, and restarts only after a removal", () => {
  using data = dockerHost();
  const root = join(data.path, "registry");
  const tags = join(root, "docker/registry/v2/repositories/orbweaver/webui/_manifests/tags");
  const collected = ["a", "b", "b", "c", "d"].map((hash) => {
    mkdirSync(join(tags, stageTag(stage(hash))), { recursive: true });
    const { status, stderr } = data.docker.run(collectScript([stage(hash)], { container: "registry", root }));
    assert.equal(status, 0, stderr);
    return data.docker.commands().filter((command) => /^(registry|restart)/.test(command));
  });

  const kept = ["b", "c", "d"].map((hash) => stageTag(stage(hash)));
  assert.deepEqual(readdirSync(tags).sort(), kept.sort());
  assert.deepEqual(collected.slice(0, 4), [[], [], [], []]);
  assert.deepEqual(collected[4], [
    "registry garbage-collect --delete-untagged /etc/docker/registry/config.yml",
    "restart --time 10 registry",
  ]);
});

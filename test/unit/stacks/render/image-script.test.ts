import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import {
  collectScript,
  type ImageStage,
  imageScript,
  pullScript,
  stageReference,
  stageTag,
} from "../../../../stacks/render/image-script.ts";
import { fakeDocker } from "../../../fixtures/fake-docker.ts";
import { temporaryDirectory } from "../../../fixtures/temporary-directory.ts";

const REGISTRY = "10.77.0.1:5001";
const stage = (hash = "a", imagesOf?: string): ImageStage => ({
  registry: REGISTRY,
  imagesOf,
  context: { path: "/var/lib/orbweaver/context.tgz", hash },
  waves: [
    [
      [
        { name: "base", from: { folder: "base", buildArguments: { DEBIAN: { image: "debian:13" } } } },
        { name: "chromium", from: { folder: "chromium", buildArguments: { BASE: { made: "base" } } } },
      ],
      [{ name: "nginx", from: { image: "nginx:1" } }],
      [{ name: "haproxy", from: { image: "haproxy:2" } }],
    ],
    [[{ name: "other", from: { folder: "role", buildArguments: { ROLE: { text: "other" } } } }]],
  ],
});

function host() {
  const directory = temporaryDirectory();
  const docker = fakeDocker(directory.path);
  mkdirSync(join(directory.path, "var"));
  spawnSync("tar", ["-czf", join(directory.path, "var/context.tgz"), "-C", directory.path, "bin"]);
  return { docker, path: directory.path, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

test("a stage builds, copies and pushes its images, and prints each with its digest", () => {
  using data = host();

  const { stdout, stderr, status } = data.docker.run(imageScript(stage()));

  assert.equal(status, 0, stderr);
  const references = JSON.parse(stdout) as Record<string, string>;
  assert.deepEqual(Object.keys(references), ["base", "chromium", "nginx", "haproxy", "other"]);
  for (const [name, reference] of Object.entries(references))
    assert.match(reference, new RegExp(`^${REGISTRY}/orbweaver/${name}@sha256:.+`));
  const chromium = data.docker.commands().find((command) => command.includes("images/chromium/Dockerfile")) ?? "";
  assert.match(chromium, new RegExp(`--build-arg BASE=${stageReference(stage(), "base")} `));
});

test("a second run builds nothing; another context or build argument builds again", () => {
  using data = host();
  const builds = () => data.docker.commands().filter((command) => command.startsWith("build ")).length;
  data.docker.run(imageScript(stage()));
  const first = builds();

  data.docker.run(imageScript(stage()));
  const second = builds();
  data.docker.run(imageScript(stage("b")));
  const third = builds();

  assert.deepEqual([first, second, third], [3, 0, 3]);
  assert.notEqual(stageTag(stage()), stageTag({ ...stage(), waves: stage().waves.slice(1) }));
});

test("another day pulls every image again and builds with it, once; without a day existing images are not pulled", () => {
  using data = host();
  const run = (imagesOf?: string) => {
    data.docker.run(imageScript(stage("a", imagesOf)));
    const commands = data.docker.commands();
    const builds = commands.filter((command) => command.startsWith("build "));
    return {
      pulls: commands.filter((command) => command.startsWith("pull ")).length,
      builds: builds.length,
      withDay: builds.filter((build) => build.includes("--build-arg IMAGES_OF=2026-11-29")).length,
    };
  };

  const [first, again, day, sameDay] = [run(), run(), run("2026-11-29"), run("2026-11-29")];

  assert.deepEqual(first, { pulls: 3, builds: 3, withDay: 0 });
  assert.deepEqual(again, { pulls: 0, builds: 0, withDay: 0 });
  assert.deepEqual(day, { pulls: 3, builds: 3, withDay: 3 });
  assert.deepEqual(sameDay, { pulls: 0, builds: 0, withDay: 0 });
});

test("an undefined day gives the same tag as a missing one, and a day gives another tag", () => {
  assert.equal(stageTag(stage()), stageTag({ ...stage(), imagesOf: undefined }));
  assert.notEqual(stageTag(stage()), stageTag(stage("a", "2026-11-29")));
});

test("a wave starts after every chain of the previous wave has ended", () => {
  using data = host();

  data.docker.run(imageScript(stage()));

  const builds = data.docker.commands().filter((command) => command.startsWith("build "));
  assert.match(builds.at(-1) ?? "", /ROLE=other/);
});

test("a failed build ends the script with its name and message, after the other builds are complete", () => {
  using data = host();
  data.docker.breakBuilds([stageReference(stage(), "chromium")]);

  const { stderr, status, stdout } = data.docker.run(imageScript(stage()));

  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /the build of .*chromium.* fails/);
  assert.match(stderr, /The image chromium cannot be made or pushed/);
  assert.ok(data.docker.references().includes(`${REGISTRY}/orbweaver/nginx:${stageTag(stage())}`));
});

test("a build waits for a registry that does not answer yet, and prints no message about it", () => {
  using data = host();
  data.docker.refusePushes(2);

  const { stdout, stderr, status } = data.docker.run(imageScript({ ...stage(), registry: "127.0.0.1:1" }));

  assert.equal(status, 0, stderr);
  assert.equal(Object.keys(JSON.parse(stdout) as object).length, 5);
  assert.doesNotMatch(stderr, /refused/);
});

test("a registry that refuses a push twice ends the script with its message", async () => {
  using data = host();
  await using server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  data.docker.refusePushes(1_000);

  const { stderr, status } = data.docker.run(imageScript({ ...stage(), registry: `127.0.0.1:${(server.address() as AddressInfo).port}` }));

  assert.equal(status, 1);
  assert.match(stderr, /the push of .* is refused/);
  assert.match(stderr, /cannot be made or pushed/);
});

test("a host keeps the last two versions of an image, images in use, and unrelated images", () => {
  using worker = host();
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
  using worker = host();
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
  using data = host();
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

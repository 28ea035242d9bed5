import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { buildScript, type ImageStage, pushScript, stageReference, stageTag } from "../../../../stacks/render/image-script.ts";
import { dockerHost } from "../../../fixtures/fake-docker.ts";

const REGISTRY = "10.77.0.1:5001";
const EARLIER = `${REGISTRY}/orbweaver/base:0123`;
const stage = (hash = "a", imagesOf?: string): ImageStage => ({
  registry: REGISTRY,
  imagesOf,
  context: { path: "/var/lib/orbweaver/context.tgz", hash },
  waves: [
    [
      { name: "base", from: { folder: "base", buildArguments: { DEBIAN: { image: "debian:13" } } } },
      { name: "chromium", from: { folder: "chromium", buildArguments: { BASE: { built: EARLIER } } } },
      { name: "nginx", from: { image: "nginx:1" } },
      { name: "haproxy", from: { image: "haproxy:2" } },
    ],
    [{ name: "other", from: { folder: "role", buildArguments: { ROLE: { text: "other" } } } }],
  ],
});

function host() {
  const data = dockerHost();
  mkdirSync(join(data.path, "var"));
  spawnSync("tar", ["-czf", join(data.path, "var/context.tgz"), "-C", data.path, "bin"]);
  return data;
}

function buildAndPush({ docker }: ReturnType<typeof host>, settings: ImageStage) {
  docker.run(buildScript(settings));
  return docker.run(pushScript(settings));
}

test("a stage builds, copies and pushes its images, and prints each with its digest", () => {
  using data = host();

  const build = data.docker.run(buildScript(stage()));
  const { stdout, stderr, status } = data.docker.run(pushScript(stage()));

  assert.equal(build.status, 0, build.stderr);
  assert.equal(status, 0, stderr);
  const references = JSON.parse(stdout) as Record<string, string>;
  assert.deepEqual(Object.keys(references), ["base", "chromium", "nginx", "haproxy", "other"]);
  for (const [name, reference] of Object.entries(references))
    assert.match(reference, new RegExp(`^${REGISTRY}/orbweaver/${name}@sha256:.+`));
  const chromium = data.docker.commands().find((command) => command.includes("images/chromium/Dockerfile")) ?? "";
  assert.match(chromium, new RegExp(`--build-arg BASE=${EARLIER} `));
});

test("a second run builds nothing; another context or build argument builds again", () => {
  using data = host();
  const builds = () => data.docker.commands().filter((command) => command.startsWith("build ")).length;
  data.docker.run(buildScript(stage()));
  const first = builds();

  data.docker.run(buildScript(stage()));
  const second = builds();
  data.docker.run(buildScript(stage("b")));
  const third = builds();

  assert.deepEqual([first, second, third], [3, 0, 3]);
  assert.notEqual(stageTag(stage()), stageTag({ ...stage(), waves: stage().waves.slice(1) }));
});

test("another day pulls every image again and builds with it, once; without a day existing images are not pulled", () => {
  using data = host();
  const run = (imagesOf?: string) => {
    data.docker.run(buildScript(stage("a", imagesOf)));
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

test("a wave starts after every build of the previous wave has ended", () => {
  using data = host();

  data.docker.run(buildScript(stage()));

  const builds = data.docker.commands().filter((command) => command.startsWith("build "));
  assert.match(builds.at(-1) ?? "", /ROLE=other/);
});

test("a failed build ends the script with its name and message, after the other builds are complete", () => {
  using data = host();
  data.docker.breakBuilds([stageReference(stage(), "chromium")]);

  const { stderr, status, stdout } = data.docker.run(buildScript(stage()));

  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /the build of .*chromium.* fails/);
  assert.match(stderr, /The image \S+chromium\S+ cannot be built/);
  assert.ok(data.docker.references().includes(`${REGISTRY}/orbweaver/nginx:${stageTag(stage())}`));
});

test("a push waits for a registry that does not answer yet, and prints no message about it", () => {
  using data = host();
  data.docker.refusePushes(2);

  const { stdout, stderr, status } = buildAndPush(data, { ...stage(), registry: "127.0.0.1:1" });

  assert.equal(status, 0, stderr);
  assert.equal(Object.keys(JSON.parse(stdout) as object).length, 5);
  assert.doesNotMatch(stderr, /refused/);
});

test("a registry that refuses a push twice ends the script with its message", async () => {
  using data = host();
  await using server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  data.docker.refusePushes(1_000);

  const { stderr, status } = buildAndPush(data, { ...stage(), registry: `127.0.0.1:${(server.address() as AddressInfo).port}` });

  assert.equal(status, 1);
  assert.match(stderr, /the push of .* is refused/);
  assert.match(stderr, /The image base cannot be pushed/);
});

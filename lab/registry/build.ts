/** Builds the lab's images with its Docker engine, which has no internet access and no registry. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type LabWork, succeeds } from "../command.ts";
import type { LabDocker } from "../docker/engine.ts";
import { HOST_RECIPES, type HostImage } from "../hosts/recipes.ts";
import type { LabPaths } from "../paths.ts";
import { type DebianArchive, ensureArchive } from "./archive.ts";
import { ensureNodeModules } from "./node-modules.ts";
import { SUITES, type Suite } from "./packages.ts";
import type { Recipe } from "./recipe.ts";
import { RECIPES } from "./recipes.ts";

const DEBIAN_CHANGES = ["ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 'CMD ["bash"]'];

export interface LabImages {
  /** Image by recipe, `orbweaver-lab/<recipe>:<hash>`, in the lab's Docker engine. */
  images: Record<string, string>;
  archives: Record<Suite, DebianArchive>;
}

interface ImageBuilder extends LabWork {
  docker: LabDocker;
  paths: LabPaths;
  archives: Record<Suite, DebianArchive>;
  nodeModules: { hash: string; folder: string };
}

/**
 * Every image of the recipes except those of hosts that are not in `hostImages`; existing ones are left unchanged. The first time takes two to
 * four minutes.
 */
export async function ensureImages(
  docker: LabDocker,
  paths: LabPaths,
  hostImages: readonly HostImage[],
  work: LabWork,
): Promise<LabImages> {
  const archives = {} as Record<Suite, DebianArchive>;
  for (const suite of SUITES) archives[suite] = await ensureArchive(paths.cache, suite, work);
  const nodeModules = await ensureNodeModules(paths.cache, work);
  const builder: ImageBuilder = { ...work, docker, paths, archives, nodeModules };
  const references = allReferences(builder);
  for (const name of neededRecipes(hostImages)) await ensureImage(name, references, builder);
  await removeOutdated(builder, Object.values(references));
  return { images: references, archives };
}

/** Names of recipes, each after the one it builds on. */
function neededRecipes(hostImages: readonly HostImage[]): string[] {
  const withBases = (name: string): string[] => [...(RECIPES[name]?.from === undefined ? [] : withBases(RECIPES[name].from)), name];
  const needed = hostImages.flatMap(withBases);
  return Object.keys(RECIPES).filter((name) => !(name in HOST_RECIPES) || needed.includes(name));
}

/** Image by recipe, and of Debian's minimum by release, whether it exists or not. */
function allReferences(builder: ImageBuilder): Record<string, string> {
  const references: Record<string, string> = {};
  for (const suite of SUITES)
    references[`debian-${suite}`] = reference(builder, "debian", basename(builder.archives[suite].debian).replace(/^debian-|\.tar$/g, ""));
  for (const [name, recipe] of Object.entries(RECIPES)) {
    const files = recipe.files === undefined ? "" : builder.nodeModules.hash;
    const content = JSON.stringify([references[baseOf(recipe)], installScript(recipe), recipe, files]);
    references[name] = reference(builder, name, createHash("sha256").update(content).digest("hex").slice(0, 16));
  }
  return references;
}

const baseOf = ({ from, suite = "bookworm" }: Recipe) => from ?? `debian-${suite}`;

/** Images of earlier recipes; one that a container still uses stays until the next time. */
async function removeOutdated({ docker: { docker }, paths, signal }: ImageBuilder, current: readonly string[]): Promise<void> {
  const all = await docker(["images", "--filter", `reference=${paths.name}/*`, "--format", "{{.Repository}}:{{.Tag}}"], { signal });
  for (const image of all.split("\n").filter((name) => name !== "" && !current.includes(name)))
    await docker(["rmi", image]).catch(() => {});
}

async function ensureDebian(image: string, suite: Suite, builder: ImageBuilder): Promise<void> {
  if (await hasImage(builder, image)) return;
  builder.say(`making the image of Debian ${suite}`);
  const changes = DEBIAN_CHANGES.flatMap((change) => ["--change", change]);
  await builder.docker.docker(["import", ...changes, builder.archives[suite].debian, image], { signal: builder.signal });
}

async function ensureImage(name: string, references: Record<string, string>, builder: ImageBuilder): Promise<void> {
  const recipe = RECIPES[name];
  const image = references[name] ?? "";
  if (recipe === undefined || (await hasImage(builder, image))) return;
  const from = references[baseOf(recipe)] ?? "";
  if (recipe.from === undefined) await ensureDebian(from, recipe.suite ?? "bookworm", builder);
  builder.say(`making the image ${name}`);
  const container = `${builder.paths.name}-build-${name}`;
  const { docker, signal } = builder;
  await docker.docker(["rm", "--force", "--volumes", container], {}).catch(() => {});
  try {
    await docker.docker(["run", ...buildOptions(container, recipe, builder), from, "sh", "-s"], { signal, input: installScript(recipe) });
    // The command used here must not become the command of the image's containers.
    const changes = ['CMD ["bash"]', ...(recipe.changes ?? [])].flatMap((change) => ["--change", change]);
    await docker.docker(["commit", ...changes, container, image], { signal });
  } finally {
    await docker.docker(["rm", "--force", "--volumes", container], {}).catch(() => {});
  }
}

function buildOptions(container: string, { files, stopSignal = "SIGTERM", suite = "bookworm" }: Recipe, builder: ImageBuilder): string[] {
  const mounts = [
    `${builder.archives[suite].folder}:/archive:ro`,
    ...(files === undefined ? [] : [`${builder.nodeModules.folder}:/files:ro`]),
  ];
  const place = ["--network", "none", "--user", "0", "--workdir", "/", "--stop-signal", stopSignal];
  return ["--interactive", "--name", container, ...place, ...mounts.flatMap((mount) => ["--volume", mount])];
}

const reference = ({ paths }: ImageBuilder, name: string, hash: string) => `${paths.name}/${name}:${hash}`;

const hasImage = ({ docker, signal }: ImageBuilder, image: string) =>
  succeeds(["docker", "image", "inspect", image], { environment: docker.environment, signal });

/** As in the images that users build. */
const TRIM = readFileSync(new URL("../../images/base/trim-image.sh", import.meta.url), "utf8");

const installScript = ({ packages, setup = "" }: Recipe) => `set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt="apt-get -q -y -o Dir::Etc::SourceList=/archive/sources.list -o Dir::Etc::SourceParts=/dev/null -o Dpkg::Options::=--force-unsafe-io"
$apt update </dev/null >/dev/null
$apt install --no-install-recommends ${packages.join(" ")} </dev/null
${setup}
rm -f /usr/sbin/policy-rc.d
${TRIM}`;

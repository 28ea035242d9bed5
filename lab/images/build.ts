/** Makes the lab's images with its Docker engine, which has no way to the internet and no registry. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { type LabWork, succeeds } from "../command.ts";
import type { LabDocker } from "../docker/engine.ts";
import type { LabPlaces } from "../places.ts";
import { type DebianArchive, ensureArchive } from "./archive.ts";
import { ensureNodeModules } from "./node-modules.ts";
import { RECIPES, type Recipe } from "./recipes.ts";

const DEBIAN_CHANGES = ["ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 'CMD ["bash"]'];

export interface LabImages {
  /** Image by recipe, `orbweaver-lab/<recipe>:<hash>`, in the lab's Docker engine. */
  images: Record<string, string>;
  archive: DebianArchive;
}

interface Workshop extends LabWork {
  docker: LabDocker;
  places: LabPlaces;
  archive: DebianArchive;
  nodeModules: { hash: string; folder: string };
}

/** Every image of the recipes; those that the engine has already are left alone. The first time takes two to four minutes. */
export async function ensureImages(docker: LabDocker, places: LabPlaces, work: LabWork): Promise<LabImages> {
  const archive = await ensureArchive(places.cache, work);
  const nodeModules = await ensureNodeModules(places.cache, work);
  const shop: Workshop = { ...work, docker, places, archive, nodeModules };
  const images: Record<string, string> = { debian: await ensureDebian(shop) };
  for (const [name, recipe] of Object.entries(RECIPES))
    images[name] = await ensureImage(name, recipe, images[recipe.from ?? "debian"] ?? "", shop);
  await removeOutdated(shop, Object.values(images));
  return { images, archive };
}

/** Images of earlier recipes; one that a container still uses stays until the next time. */
async function removeOutdated({ docker: { docker }, places, signal }: Workshop, current: readonly string[]): Promise<void> {
  const all = await docker(["images", "--filter", `reference=${places.name}/*`, "--format", "{{.Repository}}:{{.Tag}}"], { signal });
  for (const image of all.split("\n").filter((name) => name !== "" && !current.includes(name)))
    await docker(["rmi", image]).catch(() => {});
}

async function ensureDebian(shop: Workshop): Promise<string> {
  const image = reference(shop, "debian", basename(shop.archive.debian).replace(/^debian-|\.tar$/g, ""));
  if (await hasImage(shop, image)) return image;
  shop.say("making the image debian");
  const changes = DEBIAN_CHANGES.flatMap((change) => ["--change", change]);
  await shop.docker.docker(["import", ...changes, shop.archive.debian, image], { signal: shop.signal });
  return image;
}

async function ensureImage(name: string, recipe: Recipe, from: string, shop: Workshop): Promise<string> {
  const files = recipe.files === undefined ? "" : shop.nodeModules.hash;
  const image = reference(
    shop,
    name,
    createHash("sha256")
      .update(JSON.stringify([from, installScript(recipe), recipe, files]))
      .digest("hex")
      .slice(0, 16),
  );
  if (await hasImage(shop, image)) return image;
  shop.say(`making the image ${name}`);
  const container = `${shop.places.name}-build-${name}`;
  const { docker, signal } = shop;
  await docker.docker(["rm", "--force", "--volumes", container], {}).catch(() => {});
  try {
    const mounts = [`${shop.archive.folder}:/archive:ro`, ...(files === "" ? [] : [`${shop.nodeModules.folder}:/files:ro`])].flatMap(
      (mount) => ["-v", mount],
    );
    const options = [
      "--interactive",
      "--name",
      container,
      "--network",
      "none",
      "--user",
      "0",
      "--workdir",
      "/",
      "--stop-signal",
      recipe.stopSignal ?? "SIGTERM",
    ];
    await docker.docker(["run", ...options, ...mounts, from, "sh", "-s"], { signal, input: installScript(recipe) });
    // What it was started with here is not what containers of the image are to start with.
    const changes = ['CMD ["bash"]', ...(recipe.changes ?? [])].flatMap((change) => ["--change", change]);
    await docker.docker(["commit", ...changes, container, image], { signal });
  } finally {
    await docker.docker(["rm", "--force", "--volumes", container], {}).catch(() => {});
  }
  return image;
}

const reference = ({ places }: Workshop, name: string, hash: string) => `${places.name}/${name}:${hash}`;

const hasImage = ({ docker, signal }: Workshop, image: string) =>
  succeeds(["docker", "image", "inspect", image], { environment: docker.environment, signal });

const installScript = ({ packages, setup = "" }: Recipe) => `set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt="apt-get -q -y -o Dir::Etc::SourceList=/archive/sources.list -o Dir::Etc::SourceParts=/dev/null -o Dpkg::Options::=--force-unsafe-io"
$apt update </dev/null >/dev/null
$apt install --no-install-recommends ${packages.join(" ")} </dev/null
${setup}
rm -rf /usr/sbin/policy-rc.d /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/log/*.log /var/log/apt
`;

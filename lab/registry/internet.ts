/** The part of the internet that bare hosts need in the lab: a website to crawl, Debian's packages, container images. */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../services/core/runtime/checkout.ts";
import { type LabWork, run, succeeds, waitUntil } from "../command.ts";
import type { LabDocker } from "../docker/engine.ts";
import { IMAGE_STORE_ADDRESS, INTERNET, MIRROR_ADDRESS, SITE_ADDRESS } from "../hosts/addresses.ts";
import { containerName, ensureContainer, ensureNetwork } from "../hosts/containers.ts";
import type { LabPaths } from "../paths.ts";
import type { LabImages } from "./build.ts";
import { SUITES } from "./packages.ts";

/** Images that the fleet runs or builds on, by their name in stack config. */
const PUBLISHED = ["base", "chromium", "postgres", "redis", "registry", "haproxy", "nginx"] as const;
export type PublishedImage = (typeof PUBLISHED)[number];

const READY_SECONDS = 60;

export interface Internet {
  /** `<mirror>/<name>@sha256:…`: hosts can pull these. */
  images: Record<PublishedImage, string>;
  /** PEM file of the certificate that signs the mirror's TLS. */
  certificatePath: string;
}

/** Starts the network, the website and the mirror, and pushes the images to it; the first time takes one to two minutes. */
export async function ensureInternet(
  docker: LabDocker,
  paths: LabPaths,
  { images, archives }: LabImages,
  work: LabWork,
): Promise<Internet> {
  const { signal, say } = work;
  await ensureNetwork(docker, { name: paths.name, ...INTERNET, signal });
  const certificatePath = await ensureCertificate(paths, signal);
  const imageStore = join(paths.cache, "image-store");
  await mkdir(imageStore, { recursive: true });
  const mounts = (...pairs: [string, string][]) => pairs.flatMap(([from, to]) => ["--volume", `${from}:${to}`]);
  const start = async (
    name: string,
    address: string,
    image: string | undefined,
    options: readonly string[],
    command: readonly string[] = [],
  ) =>
    ensureContainer(
      docker,
      paths,
      { name, address, image: image ?? "", options: ["--restart", "no", "--memory", "1g", ...options], command },
      { signal },
    );
  // A registry on a loopback address is the only one that an engine trusts without TLS.
  const storeOptions = [...mounts([imageStore, "/var/lib/registry"]), "--publish", "127.0.0.1::5000"];
  await start("images", IMAGE_STORE_ADDRESS, images.registry, [...storeOptions, "--env", "REGISTRY_LOG_LEVEL=error"]);
  const mirrorFiles = mounts(
    [join(paths.state, "mirror"), "/etc/nginx/conf.d:ro"],
    ...SUITES.map((suite): [string, string] => [join(archives[suite].folder, "repository"), `/srv/debian/${suite}:ro`]),
  );
  await start("mirror", MIRROR_ADDRESS, images.nginx, mirrorFiles);
  const siteCommand = ["node", "demo/site-main.ts", "--host", SITE_ADDRESS, "--port", "80"];
  await start("site", SITE_ADDRESS, images.base, [...mounts([ROOT, "/orbweaver:ro"]), "--workdir", "/orbweaver"], siteCommand);
  await answersHttp(docker, `http://${SITE_ADDRESS}/`, signal);
  for (const suite of SUITES) await answersHttp(docker, `http://${MIRROR_ADDRESS}/debian/${suite}/Release`, signal);
  const published = {} as Record<PublishedImage, string>;
  for (const name of PUBLISHED) published[name] = await publish(docker, { name, image: images[name] ?? "", paths }, { say, signal });
  return { images: published, certificatePath };
}

async function publish(
  { docker }: LabDocker,
  { name, image, paths }: { name: string; image: string; paths: LabPaths },
  { say, signal }: LabWork,
): Promise<string> {
  const port = (await docker(["port", containerName(paths, "images"), "5000/tcp"], { signal })).split(":").at(-1);
  const target = `127.0.0.1:${port}/${image.split("/").at(-1)}`;
  await docker(["tag", image, target], { signal });
  const output = await docker(["push", target], { signal });
  await docker(["rmi", "--no-prune", target], { signal });
  if (output.includes(": Pushed")) say(`brought the image ${name} to the mirror`);
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(output)?.[1];
  if (digest === undefined) throw new Error(`docker push named no digest: ${output}`);
  return `${MIRROR_ADDRESS}/${name}@${digest}`;
}

/** Requests from a process inside the lab's network. */
async function answersHttp({ enter }: LabDocker, url: string, signal: AbortSignal | undefined): Promise<void> {
  const question = [...enter, process.execPath, "-e", `fetch(${JSON.stringify(url)}).then(({ ok }) => process.exit(ok ? 0 : 1))`];
  await waitUntil(`${url} answers`, () => succeeds(question, { signal, timeoutSeconds: 10 }), { seconds: READY_SECONDS, signal });
}

/** Creates the mirror's self-signed TLS certificate and its configuration. Returns the certificate's path. */
async function ensureCertificate({ state }: LabPaths, signal: AbortSignal | undefined): Promise<string> {
  const folder = join(state, "mirror");
  const path = join(folder, "certificate.pem");
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "mirror.conf"), MIRROR_CONFIGURATION);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", join(folder, "key.pem")];
  const subject = ["-subj", "/CN=orbweaver-lab", "-addext", `subjectAltName=IP:${MIRROR_ADDRESS}`, "-days", "30"];
  await run(["openssl", "req", "-x509", ...key, ...subject, "-out", path], { signal });
  return path;
}

const MIRROR_CONFIGURATION = `server {
  listen 80;
  root /srv;
}
server {
  listen 443 ssl;
  ssl_certificate /etc/nginx/conf.d/certificate.pem;
  ssl_certificate_key /etc/nginx/conf.d/key.pem;
  location /v2/ {
    limit_except GET HEAD { deny all; }
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Proto https;
    proxy_pass http://${IMAGE_STORE_ADDRESS}:5000;
  }
}
`;

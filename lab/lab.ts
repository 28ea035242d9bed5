/** Up, down, status and a way in: the lab as a whole, below the Pulumi program. */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type LabWork, succeeds } from "./command.ts";
import { findDocker, hasOwnDocker, type LabDocker, startDocker, stopDocker } from "./docker/engine.ts";
import { LabMachineError } from "./errors.ts";
import { SITE_ADDRESS } from "./hosts/addresses.ts";
import { ensureHosts, operatorKey, sshCommand } from "./hosts/bare-hosts.ts";
import { containerName, removeContainers } from "./hosts/containers.ts";
import { HOSTS, type LabHost } from "./hosts/fleet-hosts.ts";
import { hostKind } from "./hosts/kinds.ts";
import { type LabPaths, labPaths } from "./paths.ts";
import { ensureImages } from "./registry/build.ts";
import { ensureInternet, type PublishedImage } from "./registry/internet.ts";

/** The data of a running lab for a stack config. */
export interface Lab {
  /** The prefix of a command that must reach the hosts. */
  enter: string[];
  hosts: readonly LabHost[];
  privateKeyPath: string;
  knownHostsPath: string;
  /** `http://<address>`: the synthetic website. */
  site: string;
  /** Images that the hosts can pull, each with its digest. */
  images: Record<PublishedImage, string>;
}

export interface HostStatus extends LabHost {
  isRunning: boolean;
  answersSsh: boolean;
}

/** Starts the missing parts of the lab: a Docker engine, the simulated internet, hosts that answer SSH. The first time it builds the images. */
export async function labUp(work: LabWork, hosts: readonly LabHost[] = HOSTS, paths: LabPaths = labPaths()): Promise<Lab> {
  const docker = await startDocker(paths, work);
  const kinds = hosts.map(({ kind }) => hostKind(kind).image);
  const images = await ensureImages(docker, paths, kinds, work);
  const { certificatePath, ...internet } = await ensureInternet(docker, paths, images, work);
  const key = await ensureHosts(docker, paths, { hosts, images: images.images, certificatePath }, work);
  const lab: Lab = {
    enter: docker.enter,
    hosts,
    ...key,
    site: `http://${SITE_ADDRESS}`,
    images: internet.images,
  };
  await writeFile(labPath(paths), JSON.stringify(lab), { mode: 0o600 });
  return lab;
}

/** The lab that the last `labUp` started; undefined without one. */
export async function readLab(paths: LabPaths = labPaths()): Promise<Lab | undefined> {
  return existsSync(labPath(paths)) ? (JSON.parse(await readFile(labPath(paths), "utf8")) as Lab) : undefined;
}

/** Removes everything but the cache: containers, networks, and the engine with its namespace if it is the lab's own. */
export async function labDown(work: LabWork, paths: LabPaths = labPaths()): Promise<void> {
  // An engine that crashed has left containers; started again, it can remove them.
  const docker = hasOwnDocker(paths) ? await startDocker(paths, work) : await findDocker(paths, work.signal);
  if (docker) await removeContainers(docker, paths);
  await stopDocker(paths);
  await rm(paths.state, { recursive: true, force: true });
}

/** The state of the hosts. */
export async function labStatus(paths: LabPaths = labPaths()): Promise<HostStatus[]> {
  const lab = await readLab(paths);
  const docker = lab && (await findDocker(paths));
  if (lab === undefined || docker === undefined) return HOSTS.map((host) => ({ ...host, isRunning: false, answersSsh: false }));
  const running = (await docker.docker(["ps", "--format", "{{.Names}}"])).split("\n");
  return Promise.all(
    lab.hosts.map(async (host) => ({
      ...host,
      isRunning: running.includes(containerName(paths, host.name)),
      answersSsh: running.includes(containerName(paths, host.name)) && (await answers(docker, paths, host)),
    })),
  );
}

/**
 * The command that runs `args` on a host of the lab by SSH, or opens a shell there.
 *
 * @throws LabMachineError if the lab is down or has no such host.
 */
export async function labSsh(name: string, args: readonly string[] = [], paths: LabPaths = labPaths()): Promise<string[]> {
  const lab = await readLab(paths);
  const { hosts } = lab ?? { hosts: HOSTS };
  const host = hosts.find((candidate) => candidate.name === name);
  if (host === undefined) throw new LabMachineError(`The lab has no host ${name}. It has ${hosts.map((known) => known.name).join(", ")}.`);
  const docker = lab && (await findDocker(paths));
  if (docker === undefined) throw new LabMachineError("The lab is down. Start it: ./orb lab up");
  return sshCommand(docker, operatorKey(paths), host, args);
}

const answers = (docker: LabDocker, paths: LabPaths, host: LabHost) =>
  succeeds(sshCommand(docker, operatorKey(paths), host, ["true"]), { timeoutSeconds: 15 });

const labPath = ({ state }: LabPaths) => join(state, "lab.json");

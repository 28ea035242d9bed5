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
import { ensureInternet, type PublishedImage } from "./hosts/internet.ts";
import { hostKind } from "./hosts/kinds.ts";
import { ensureImages } from "./images/build.ts";
import { type LabPlaces, labPlaces } from "./places.ts";

/** What a stack config needs to know of a lab that is up. */
export interface Lab {
  /** What to put before a command that is to reach the hosts. */
  enter: string[];
  hosts: readonly LabHost[];
  privateKeyPath: string;
  knownHostsPath: string;
  /** `http://<address>`: the synthetic website. */
  site: string;
  /** What the hosts can pull, each with its digest. */
  images: Record<PublishedImage, string>;
}

export interface HostStatus extends LabHost {
  isRunning: boolean;
  answersSsh: boolean;
}

/** Brings the lab up, as far as it is not: a Docker engine, the stand-in internet, hosts that answer SSH. The first time it makes the images. */
export async function labUp(work: LabWork, hosts: readonly LabHost[] = HOSTS, places: LabPlaces = labPlaces()): Promise<Lab> {
  const docker = await startDocker(places, work);
  const kinds = hosts.map(({ kind }) => hostKind(kind).image);
  const images = await ensureImages(docker, places, kinds, work);
  const { certificatePath, ...internet } = await ensureInternet(docker, places, images, work);
  const key = await ensureHosts(docker, places, { hosts, images: images.images, certificatePath }, work);
  const lab: Lab = {
    enter: docker.enter,
    hosts,
    ...key,
    site: `http://${SITE_ADDRESS}`,
    images: internet.images,
  };
  await writeFile(labPath(places), JSON.stringify(lab), { mode: 0o600 });
  return lab;
}

/** The lab that the last `labUp` brought up; undefined if there is none. */
export async function readLab(places: LabPlaces = labPlaces()): Promise<Lab | undefined> {
  return existsSync(labPath(places)) ? (JSON.parse(await readFile(labPath(places), "utf8")) as Lab) : undefined;
}

/** Takes everything away but what is cached: containers, networks, and the engine with its namespace if it is the lab's own. */
export async function labDown(work: LabWork, places: LabPlaces = labPlaces()): Promise<void> {
  // An engine that died has left containers behind; started again, it can take them away.
  const docker = hasOwnDocker(places) ? await startDocker(places, work) : await findDocker(places, work.signal);
  if (docker) await removeContainers(docker, places);
  await stopDocker(places);
  await rm(places.state, { recursive: true, force: true });
}

/** How the hosts are. */
export async function labStatus(places: LabPlaces = labPlaces()): Promise<HostStatus[]> {
  const lab = await readLab(places);
  const docker = lab && (await findDocker(places));
  if (lab === undefined || docker === undefined) return HOSTS.map((host) => ({ ...host, isRunning: false, answersSsh: false }));
  const running = (await docker.docker(["ps", "--format", "{{.Names}}"])).split("\n");
  return Promise.all(
    lab.hosts.map(async (host) => ({
      ...host,
      isRunning: running.includes(containerName(places, host.name)),
      answersSsh: running.includes(containerName(places, host.name)) && (await answers(docker, places, host)),
    })),
  );
}

/**
 * The command that runs `args` on a host of the lab by SSH, or opens a shell there.
 *
 * @throws LabMachineError if the lab is down or has no such host.
 */
export async function labSsh(name: string, args: readonly string[] = [], places: LabPlaces = labPlaces()): Promise<string[]> {
  const lab = await readLab(places);
  const { hosts } = lab ?? { hosts: HOSTS };
  const host = hosts.find((candidate) => candidate.name === name);
  if (host === undefined) throw new LabMachineError(`The lab has no host ${name}. It has ${hosts.map((known) => known.name).join(", ")}.`);
  const docker = lab && (await findDocker(places));
  if (docker === undefined) throw new LabMachineError("The lab is down. Bring it up: ./orb lab up");
  return sshCommand(docker, operatorKey(places), host, args);
}

const answers = (docker: LabDocker, places: LabPlaces, host: LabHost) =>
  succeeds(sshCommand(docker, operatorKey(places), host, ["true"]), { timeoutSeconds: 15 });

const labPath = ({ state }: LabPlaces) => join(state, "lab.json");

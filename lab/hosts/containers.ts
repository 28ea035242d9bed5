/** Containers of the lab, found again by their names. */
import type { CommandOptions } from "../command.ts";
import type { LabDocker } from "../docker/engine.ts";
import type { LabPaths } from "../paths.ts";

export interface LabContainer {
  /** Without the lab's prefix. */
  name: string;
  address: string;
  image: string;
  /** More options of `docker run`. */
  options?: readonly string[];
  /** The command instead of the image's own. */
  command?: readonly string[];
}

export const containerName = ({ name }: LabPaths, container: string): string => `${name}-${container}`;

/** Starts a container in the lab's network; a running one is left unchanged. Returns whether it was created now. */
export async function ensureContainer(
  docker: LabDocker,
  paths: LabPaths,
  container: LabContainer,
  options: CommandOptions,
): Promise<boolean> {
  const name = containerName(paths, container.name);
  const state = await docker.docker(["ps", "--all", "--filter", `name=^${name}$`, "--format", "{{.State}}"], options);
  if (state !== "") {
    if (state !== "running") await docker.docker(["start", name], options);
    return false;
  }
  const place = ["--network", paths.name, "--ip", container.address, "--hostname", container.name];
  await docker.docker(
    ["run", "--detach", "--name", name, ...place, ...(container.options ?? []), container.image, ...(container.command ?? [])],
    options,
  );
  return true;
}

/** Removes every container and network of the lab, with their unnamed volumes. */
export async function removeContainers({ docker }: LabDocker, { name }: LabPaths): Promise<void> {
  const containers = words(await docker(["ps", "--all", "--quiet", "--filter", `name=^${name}-`]));
  if (containers.length > 0) await docker(["rm", "--force", "--volumes", ...containers]);
  const networks = words(await docker(["network", "ls", "--quiet", "--filter", `name=^${name}(-|$)`]));
  if (networks.length > 0) await docker(["network", "rm", ...networks]);
}

export async function ensureNetwork(
  { docker }: LabDocker,
  { name, subnet, gateway, signal }: { name: string; subnet: string; gateway: string } & CommandOptions,
): Promise<void> {
  if ((await docker(["network", "ls", "--quiet", "--filter", `name=^${name}$`], { signal })) !== "") return;
  await docker(["network", "create", "--subnet", subnet, "--gateway", gateway, name], { signal });
}

const words = (text: string) => text.split(/\s+/).filter(Boolean);

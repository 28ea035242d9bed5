/** A provider's changes to the network of a host from outside. */
import { type CommandOptions, run } from "../command.ts";
import type { LabDocker } from "../docker/engine.ts";
import type { LabPaths } from "../paths.ts";
import { containerName, ensureNetwork } from "./containers.ts";

/** Gives a host a second interface, in a separate private network. `range` is a /24, such as `10.55.0.0/24`. */
export async function joinPrivateNetwork(
  docker: LabDocker,
  paths: LabPaths,
  { host, range, signal }: { host: string; range: string } & CommandOptions,
): Promise<void> {
  const name = `${paths.name}-${host}`;
  await ensureNetwork(docker, { name, subnet: range, gateway: range.replace(/0\/24$/, "1"), signal });
  await docker.docker(["network", "connect", name, containerName(paths, host)], { signal });
}

/**
 * Sets the provider's firewall in front of a host, until the host is switched off. The host itself could change it.
 *
 * @param drops the packets to drop, each as a rule of nft(8): `ip saddr 198.51.100.12 udp dport 655`.
 */
export async function setProviderFirewall(
  { docker }: LabDocker,
  paths: LabPaths,
  { host, drops, signal }: { host: string; drops: readonly string[] } & CommandOptions,
): Promise<void> {
  const pid = await docker(["inspect", "--format", "{{.State.Pid}}", containerName(paths, host)], { signal });
  const rules = `table inet provider
delete table inet provider
table inet provider {
  chain arriving {
    type filter hook prerouting priority raw;
${drops.map((drop) => `    ${drop} drop\n`).join("")}  }
}
`;
  await run(["nsenter", "--target", pid, "--net", "nft", "-f", "-"], { input: rules, signal });
}

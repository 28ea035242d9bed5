/** What a provider does to the network of a host from outside. */
import { type CommandOptions, run } from "../command.ts";
import type { LabDocker } from "../docker/engine.ts";
import type { LabPlaces } from "../places.ts";
import { containerName, ensureNetwork } from "./containers.ts";

/** Gives a host a second interface, in a private network of its own. `range` is a /24, such as `10.55.0.0/24`. */
export async function joinPrivateNetwork(
  docker: LabDocker,
  places: LabPlaces,
  { host, range, signal }: { host: string; range: string } & CommandOptions,
): Promise<void> {
  const name = `${places.name}-${host}`;
  await ensureNetwork(docker, { name, subnet: range, gateway: range.replace(/0\/24$/, "1"), signal });
  await docker.docker(["network", "connect", name, containerName(places, host)], { signal });
}

/**
 * Sets the provider's firewall in front of a host, until the host is switched off. The host itself could change it.
 *
 * @param drops what does not arrive, each as a rule of nft(8): `ip saddr 198.51.100.12 udp dport 655`.
 */
export async function setProviderFirewall(
  { docker }: LabDocker,
  places: LabPlaces,
  { host, drops, signal }: { host: string; drops: readonly string[] } & CommandOptions,
): Promise<void> {
  const pid = await docker(["inspect", "--format", "{{.State.Pid}}", containerName(places, host)], { signal });
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

/** What bootstrap writes on one host, from the stack config. */

import type { Host } from "../config/schema.ts";
import type { FleetConfig } from "../config.ts";
import { MESH } from "../mesh.ts";
import { meshRange } from "../ranges.ts";
import type { BootstrapSettings } from "./bootstrap.ts";
import { DOCKER_DAEMON_FILE, renderDockerDaemon } from "./docker-daemon.ts";
import { renderFirewall } from "./firewall.ts";
import { renderSshd, SSHD_FILE } from "./sshd.ts";
import { containersUnit, meshUnits } from "./systemd.ts";
import { nodeName } from "./tinc.ts";

/** On the data host's mesh address; another than the web UI's. */
export const REGISTRY_PORT = 5_001;
/** The label of a host's engine that placement asks for. */
export const PLACE_LABEL = "orbweaver.place";

export interface HostContext {
  config: Pick<FleetConfig, "hosts" | "aptSource">;
  /** `<mesh address>:<port>` */
  registry: string;
  /** IP addresses by host name: `resolveAddresses`. */
  addresses: ReadonlyMap<string, string[]>;
}

export function hostSettings(host: Host, { config, registry, addresses }: HostContext): BootstrapSettings {
  const others = config.hosts.filter(({ name }) => name !== host.name);
  const peers = others.flatMap(({ name }) => addresses.get(name) ?? []);
  const { user, port } = host.ssh;
  return {
    nodeName: nodeName(host.name),
    mesh: MESH,
    user,
    files: [
      { path: DOCKER_DAEMON_FILE, content: renderDockerDaemon({ registry, labels: { [PLACE_LABEL]: host.role } }), mode: "644" },
      {
        path: "/etc/nftables.conf",
        content: renderFirewall({ sshPort: port, peers, meshRange: meshRange(host.meshIp), isEdge: host.isEdge }),
        mode: "755",
      },
      {
        path: SSHD_FILE,
        content: renderSshd({ user, others: others.map(({ address, ssh }) => ({ address, port: ssh.port })) }),
        mode: "644",
      },
      // The edge answers on 80 and 443 without being root.
      { path: "/etc/sysctl.d/60-orbweaver.conf", content: "net.ipv4.ip_unprivileged_port_start = 80\n", mode: "644" },
      ...meshUnits(host.meshIp),
      containersUnit(),
    ],
    aptSource: config.aptSource,
  };
}

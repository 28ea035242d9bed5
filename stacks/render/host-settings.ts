/** The files that bootstrap writes on one host, from the stack config. */

import { jumpOf } from "../config/jump-host.ts";
import type { Host } from "../config/schema.ts";
import type { FleetConfig } from "../config.ts";
import { MESH } from "../mesh.ts";
import { meshRange } from "../ranges.ts";
import type { BootstrapSettings } from "./bootstrap.ts";
import { CONTAINER_RUNTIME, renderContainerRuntime } from "./container-runtime.ts";
import { DOCKER_DAEMON_FILE, PLACE_LABEL, renderDockerDaemon } from "./docker-daemon.ts";
import { renderFirewall } from "./firewall.ts";
import { renderSshd, SSHD_FILE } from "./sshd.ts";
import { sysctlFiles } from "./sysctl.ts";
import { containersUnit, meshUnits } from "./systemd.ts";
import { nodeName } from "./tinc.ts";

/** On the data host's mesh address; differs from the web UI's port. */
export const REGISTRY_PORT = 5_001;

export interface HostContext {
  config: Pick<FleetConfig, "hosts" | "aptSource" | "allowAddresses">;
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
      { path: CONTAINER_RUNTIME.path, content: renderContainerRuntime(), mode: "755" },
      {
        path: "/etc/nftables.conf",
        content: renderFirewall({
          ...{ sshPort: port, peers, meshRange: meshRange(host.meshIp), isEdge: host.isEdge },
          allowAddresses: config.allowAddresses,
        }),
        mode: "755",
      },
      {
        path: SSHD_FILE,
        content: renderSshd({
          user,
          logins: loginsOf(host, { config, addresses }),
          others: others.map(({ address, ssh }) => ({ address, port: ssh.port })),
        }),
        mode: "644",
      },
      ...sysctlFiles(),
      ...meshUnits(host.meshIp),
      containersUnit(),
    ],
    aptSource: config.aptSource,
  };
}

/**
 * The SSH users: the user of the stack config, its allowed users, and jump host users. Undefined if the config does not name the user
 * of a jump host, so that no user is locked out.
 */
function loginsOf(host: Host, { config, addresses }: Pick<HostContext, "config" | "addresses">): string[] | undefined {
  const own = [host.address, ...(addresses.get(host.name) ?? [])];
  const jumps = config.hosts.flatMap(({ ssh }) => (ssh.proxy === undefined ? [] : [jumpOf(ssh.proxy)]));
  const through = jumps.filter(({ address }) => own.includes(address)).map(({ user }) => user);
  return through.includes("") ? undefined : [host.ssh.user, ...(host.ssh.allowUsers ?? []), ...through];
}

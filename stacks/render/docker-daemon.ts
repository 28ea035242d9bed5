import { CONTAINER_RUNTIME } from "./container-runtime.ts";
import { mustMatch } from "./refuse.ts";

export const DOCKER_DAEMON_FILE = "/etc/docker/daemon.json";
/** The label of a host's engine for placement. */
export const PLACE_LABEL = "orbweaver.place";

export interface DockerDaemonSettings {
  /** `<mesh address>:<port>`: only reached through the mesh, which encrypts. */
  registry: string;
  /** The parent of all containers' control groups; absent: Docker's default. */
  cgroupParent?: string;
  /** Labels of the engine, for placement constraints. */
  labels?: Record<string, string>;
}

/**
 * Docker's settings on every host. A swarm refuses live-restore; without the userland proxy the data host could not reach its own mesh
 * address from containers.
 */
export function renderDockerDaemon({ registry, cgroupParent, labels = {} }: DockerDaemonSettings): string {
  const settings = {
    "insecure-registries": [mustMatch("registry", registry, /^[\d.]+:\d{1,5}$/)],
    labels: Object.entries(labels).map(([name, value]) => mustMatch("labels", `${name}=${value}`, /^[a-z.]+=[a-z0-9-]+$/)),
    "log-driver": "local",
    "log-opts": { "max-size": "10m", "max-file": "3" },
    "no-new-privileges": true,
    runtimes: { [CONTAINER_RUNTIME.name]: { path: CONTAINER_RUNTIME.path } },
    "default-runtime": CONTAINER_RUNTIME.name,
    "userland-proxy": true,
    "live-restore": false,
    icc: false,
    "default-ulimits": { nofile: { Name: "nofile", Hard: 16_384, Soft: 16_384 }, core: { Name: "core", Hard: 0, Soft: 0 } },
    ...(cgroupParent === undefined ? {} : { "cgroup-parent": mustMatch("cgroupParent", cgroupParent, /^[a-z/][a-z./]*$/) }),
  };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}

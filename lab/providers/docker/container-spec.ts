import type { Shape, Values } from "../protocol/kind.ts";
import { bytesOfMiB, toHealthcheck } from "./units.ts";

/** The fields of docker.ContainerArgs that the stacks use. */
export const CONTAINER_SHAPE: Shape = {
  name: true,
  image: true,
  user: true,
  runtime: true,
  entrypoints: [true],
  command: [true],
  envs: [true],
  restart: true,
  readOnly: true,
  tmpfs: true,
  capabilities: { adds: [true], drops: [true] },
  memory: true,
  memorySwap: true,
  shmSize: true,
  ports: [{ ip: true, external: true, internal: true, protocol: true }],
  networkMode: true,
  networksAdvanced: [{ name: true, aliases: [true] }],
  volumes: [{ hostPath: true, volumeName: true, containerPath: true, readOnly: true }],
  labels: [{ label: true, value: true }],
  healthcheck: { tests: [true], interval: true, timeout: true, retries: true, startPeriod: true },
  wait: true,
  waitTimeout: true,
  destroyGraceSeconds: true,
  stopTimeout: true,
};

/** The body of `POST /containers/create`. It contains the first network; the others are joined before the start. */
export function containerSpec(inputs: Values): Values {
  const ports = (inputs.ports ?? []) as Values[];
  const [network] = (inputs.networksAdvanced ?? []) as Values[];
  return {
    Image: inputs.image,
    User: inputs.user,
    Entrypoint: inputs.entrypoints,
    Cmd: inputs.command,
    Env: inputs.envs,
    Labels: Object.fromEntries(((inputs.labels ?? []) as Values[]).map(({ label, value }) => [label, value])),
    ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])),
    Healthcheck: inputs.healthcheck === undefined ? undefined : toHealthcheck(inputs.healthcheck),
    StopTimeout: inputs.stopTimeout,
    HostConfig: hostConfig(inputs, network),
    NetworkingConfig: network === undefined ? undefined : { EndpointsConfig: { [network.name]: { Aliases: network.aliases ?? [] } } },
  };
}

/** Networks after the first, for `POST /networks/<name>/connect` without the container. */
export const furtherNetworks = (inputs: Values): { name: string; endpoint: Values }[] =>
  ((inputs.networksAdvanced ?? []) as Values[]).slice(1).map(({ name, aliases }) => ({ name, endpoint: { Aliases: aliases ?? [] } }));

function hostConfig(inputs: Values, network: Values | undefined): Values {
  const ports = (inputs.ports ?? []) as Values[];
  return {
    NetworkMode: inputs.networkMode ?? network?.name,
    RestartPolicy: { Name: inputs.restart ?? "no" },
    Runtime: inputs.runtime,
    ReadonlyRootfs: inputs.readOnly ?? false,
    Tmpfs: inputs.tmpfs,
    CapAdd: inputs.capabilities?.adds,
    CapDrop: inputs.capabilities?.drops,
    ...(inputs.shmSize === undefined ? {} : { ShmSize: bytesOfMiB(inputs.shmSize) }),
    ...memoryOf(inputs),
    Binds: ((inputs.volumes ?? []) as Values[]).map(
      ({ hostPath, volumeName, containerPath, readOnly }) => `${hostPath ?? volumeName}:${containerPath}:${readOnly ? "ro" : "rw"}`,
    ),
    PortBindings: Object.fromEntries(
      ports.map((port) => [portKey(port), [{ HostIp: port.ip ?? "0.0.0.0", HostPort: String(port.external ?? "") }]]),
    ),
  };
}

/** In bytes, also for `POST /containers/<id>/update`. */
export const memoryOf = ({ memory, memorySwap }: Values): Values => ({
  ...(memory === undefined ? {} : { Memory: bytesOfMiB(memory) }),
  ...(memorySwap === undefined ? {} : { MemorySwap: memorySwap === -1 ? -1 : bytesOfMiB(memorySwap) }),
});

const portKey = ({ internal, protocol = "tcp" }: Values) => `${internal}/${protocol}`;

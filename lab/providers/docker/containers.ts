import { setTimeout as delay } from "node:timers/promises";
import type { Properties, ResourceKind } from "../serve.ts";
import { type DockerApi, openDockerApi } from "./api.ts";
import { healthcheckOf } from "./values.ts";

const MIB = 1_048_576;
const CHECK_MS = 500;

interface ContainerInputs {
  name: string;
  image: string;
  user?: string;
  entrypoints?: string[];
  command?: string[];
  envs?: string[];
  restart?: string;
  readOnly?: boolean;
  tmpfs?: Record<string, string>;
  capabilities?: { drops?: string[]; adds?: string[] };
  memory?: number;
  memorySwap?: number;
  shmSize?: number;
  networkMode?: string;
  ports?: { ip?: string; external?: number; internal: number; protocol?: string }[];
  networksAdvanced?: { name: string; aliases?: string[] }[];
  volumes?: { hostPath: string; containerPath: string; readOnly?: boolean }[];
  labels?: { label: string; value: string }[];
  healthcheck?: unknown;
  wait?: boolean;
  waitTimeout?: number;
  destroyGraceSeconds?: number;
  stopTimeout?: number;
}

/** `docker.Container`. Any change replaces it, the old one first unless the program says otherwise. */
export const container: ResourceKind = {
  inputs: [
    ...[
      "name",
      "image",
      "user",
      "entrypoints",
      "command",
      "envs",
      "restart",
      "readOnly",
      "tmpfs",
      "capabilities",
      "memory",
      "memorySwap",
      "shmSize",
    ],
    ...[
      "networkMode",
      "ports",
      "networksAdvanced",
      "volumes",
      "labels",
      "healthcheck",
      "wait",
      "waitTimeout",
      "destroyGraceSeconds",
      "stopTimeout",
    ],
  ],
  replacedBy: "any",
  deletesFirst: true,
  async create(given, provider) {
    const inputs = given as unknown as ContainerInputs;
    const api = openDockerApi(provider);
    const { Id: id } = await api.call<{ Id: string }>("POST", `/containers/create?name=${encodeURIComponent(inputs.name)}`, {
      body: bodyOf(inputs),
    });
    for (const network of (inputs.networksAdvanced ?? []).slice(1)) {
      await api.call("POST", `/networks/${network.name}/connect`, {
        body: { Container: id, EndpointConfig: { Aliases: network.aliases ?? [] } },
      });
    }
    try {
      await api.call("POST", `/containers/${id}/start`);
      if (inputs.wait) await untilHealthy(api, id, inputs);
    } catch (error) {
      // The real provider keeps it in the state as half made; without it, the next try finds the name free.
      await api.call("DELETE", `/containers/${id}?force=1`, { mayBeGone: true });
      throw error;
    }
    return { id, outputs: {} };
  },
  async delete(id, outputs, provider) {
    const { destroyGraceSeconds = 10 } = outputs as unknown as ContainerInputs;
    const api = openDockerApi(provider);
    await api.call("POST", `/containers/${id}/stop?t=${destroyGraceSeconds}`, { mayBeGone: true });
    await api.call("DELETE", `/containers/${id}?force=1`, { mayBeGone: true });
  },
};

function bodyOf(inputs: ContainerInputs): object {
  const [network] = inputs.networksAdvanced ?? [];
  const ports = inputs.ports ?? [];
  const nameOf = ({ internal, protocol = "tcp" }: { internal: number; protocol?: string }) => `${internal}/${protocol}`;
  return {
    Image: inputs.image,
    User: inputs.user,
    Entrypoint: inputs.entrypoints,
    Cmd: inputs.command,
    Env: inputs.envs,
    Labels: Object.fromEntries((inputs.labels ?? []).map(({ label, value }) => [label, value])),
    Healthcheck: healthcheckOf(inputs.healthcheck),
    StopTimeout: inputs.stopTimeout,
    ExposedPorts: Object.fromEntries(ports.map((port) => [nameOf(port), {}])),
    NetworkingConfig: network ? { EndpointsConfig: { [network.name]: { Aliases: network.aliases ?? [] } } } : undefined,
    HostConfig: {
      RestartPolicy: { Name: inputs.restart ?? "no" },
      ReadonlyRootfs: inputs.readOnly,
      Tmpfs: inputs.tmpfs,
      CapDrop: inputs.capabilities?.drops,
      CapAdd: inputs.capabilities?.adds,
      Memory: inputs.memory === undefined ? undefined : inputs.memory * MIB,
      MemorySwap: inputs.memorySwap === undefined ? undefined : inputs.memorySwap * MIB,
      ShmSize: inputs.shmSize === undefined ? undefined : inputs.shmSize * MIB,
      NetworkMode: inputs.networkMode ?? network?.name,
      PortBindings: Object.fromEntries(
        ports.map((port) => [nameOf(port), [{ HostIp: port.ip ?? "", HostPort: String(port.external ?? "") }]]),
      ),
      Binds: (inputs.volumes ?? []).map(
        ({ hostPath, containerPath, readOnly }) => `${hostPath}:${containerPath}:${readOnly ? "ro" : "rw"}`,
      ),
    },
  };
}

async function untilHealthy(api: DockerApi, id: string, { name, waitTimeout = 60 }: ContainerInputs): Promise<void> {
  const end = Date.now() + waitTimeout * 1_000;
  for (;;) {
    const { State: state } = await api.call<{ State: { Status: string; Health?: { Status: string; Log?: { Output: string }[] } } }>(
      "GET",
      `/containers/${id}/json`,
    );
    if (state.Health?.Status === "healthy") return;
    if (Date.now() > end) {
      const last = state.Health?.Log?.at(-1)?.Output.trim() ?? "";
      throw new Error(`container ${name} is ${state.Status} and not healthy within ${waitTimeout} s. ${last}`);
    }
    await delay(CHECK_MS);
  }
}

/** `docker.Network`. */
export const network: ResourceKind = {
  inputs: ["name", "driver", "attachable", "internal", "options", "ipamConfigs"],
  replacedBy: "any",
  deletesFirst: true,
  async create({ name, driver, attachable, internal, options, ipamConfigs }, provider) {
    const configs = (ipamConfigs as { subnet: string }[] | undefined)?.map(({ subnet }) => ({ Subnet: subnet }));
    const { Id: id } = await openDockerApi(provider).call<{ Id: string }>("POST", "/networks/create", {
      body: {
        Name: name,
        Driver: driver,
        Attachable: attachable,
        Internal: internal,
        Options: options,
        CheckDuplicate: true,
        ...(configs ? { IPAM: { Config: configs } } : {}),
      },
    });
    return { id, outputs: {} };
  },
  async delete(id, _outputs, provider) {
    await openDockerApi(provider).call("DELETE", `/networks/${id}`, { mayBeGone: true });
  },
};

/** `docker.Secret`. */
export const secret: ResourceKind = {
  inputs: ["name", "data"],
  replacedBy: "any",
  async create({ name, data }: Properties, provider) {
    const { ID: id } = await openDockerApi(provider).call<{ ID: string }>("POST", "/secrets/create", { body: { Name: name, Data: data } });
    return { id, outputs: {} };
  },
  async delete(id, _outputs, provider) {
    await openDockerApi(provider).call("DELETE", `/secrets/${id}`, { mayBeGone: true });
  },
};

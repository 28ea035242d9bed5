import { setTimeout as delay } from "node:timers/promises";
import type { Properties, ResourceKind } from "../serve.ts";
import { type DockerApi, openDockerApi } from "./api.ts";
import { healthcheckOf, nanoseconds } from "./values.ts";

const CHECK_MS = 1_000;
const DEFAULT_CONVERGE_S = 180;
const EVIDENCE_TASKS = 3;

interface ServiceInputs {
  name: string;
  mode: { replicated: { replicas: number } };
  taskSpec: {
    containerSpec: Properties;
    networksAdvanceds?: { id?: string; name?: string }[];
    placement?: { constraints?: string[]; prefs?: string[] };
    resources?: { limits?: Properties; reservation?: Properties };
    restartPolicy?: { condition?: string; delay?: string; window?: string; maxAttempts?: number };
    forceUpdate?: number;
  };
  endpointSpec?: { mode?: string };
  updateConfig?: Properties;
  rollbackConfig?: Properties;
  convergeConfig?: { delay?: string; timeout?: string };
}

interface Service {
  ID: string;
  Version: { Index: number };
  UpdateStatus?: { State: string; Message: string };
}

interface Task {
  ID: string;
  CreatedAt: string;
  DesiredState: string;
  Slot: number;
  Spec: object;
  Status: { State: string; Err?: string; Message?: string };
}

/** `docker.Service`, waiting until it has converged. */
export const service: ResourceKind = {
  inputs: ["name", "mode", "taskSpec", "endpointSpec", "updateConfig", "rollbackConfig", "convergeConfig"],
  replacedBy: ["name"],
  async create(given, provider) {
    const inputs = given as unknown as ServiceInputs;
    const api = openDockerApi(provider);
    const { ID: id } = await api.call<Service>("POST", "/services/create", { body: specOf(inputs) });
    await untilConverged(api, id, inputs);
    return { id, outputs: {} };
  },
  async update(id, given, provider) {
    const inputs = given as unknown as ServiceInputs;
    const api = openDockerApi(provider);
    const { Version: version } = await api.call<Service>("GET", `/services/${id}`);
    await api.call("POST", `/services/${id}/update?version=${version.Index}`, { body: specOf(inputs) });
    await untilConverged(api, id, inputs);
    return {};
  },
  async delete(id, _outputs, provider) {
    await openDockerApi(provider).call("DELETE", `/services/${id}`, { mayBeGone: true });
  },
};

function specOf({ name, mode, taskSpec, endpointSpec, updateConfig, rollbackConfig }: ServiceInputs): object {
  const { containerSpec, networksAdvanceds, placement, resources, restartPolicy, forceUpdate } = taskSpec;
  return {
    Name: name,
    Mode: { Replicated: { Replicas: mode.replicated.replicas } },
    TaskTemplate: {
      ContainerSpec: containerSpecOf(containerSpec),
      Networks: networksAdvanceds?.map(({ id, name: network }) => ({ Target: id ?? network })),
      Placement: {
        Constraints: placement?.constraints,
        Preferences: placement?.prefs?.map((pref) => ({ Spread: { SpreadDescriptor: pref.replace(/^spread=/, "") } })),
      },
      Resources: { Limits: resourcesOf(resources?.limits), Reservations: resourcesOf(resources?.reservation) },
      RestartPolicy: restartPolicy && {
        Condition: restartPolicy.condition,
        Delay: nanoseconds(restartPolicy.delay),
        Window: nanoseconds(restartPolicy.window),
        MaxAttempts: restartPolicy.maxAttempts,
      },
      ForceUpdate: forceUpdate ?? 0,
    },
    EndpointSpec: { Mode: endpointSpec?.mode },
    UpdateConfig: rollOf(updateConfig),
    RollbackConfig: rollOf(rollbackConfig),
  };
}

const CONTAINER_INPUTS = ["image", "user", "readOnly", "capDrops", "init", "env", "secrets", "healthcheck", "stopGracePeriod", "mounts"];

function containerSpecOf(spec: Properties): object {
  const unknown = Object.keys(spec).filter((name) => !CONTAINER_INPUTS.includes(name));
  if (unknown.length > 0) throw new Error(`the lab's stand-in does not know the inputs ${unknown.join(", ")} of containerSpec`);
  const mounts = (spec.mounts ?? []) as {
    type: string;
    target: string;
    source?: string;
    tmpfsOptions?: { sizeBytes?: number; mode?: number };
  }[];
  const secrets = (spec.secrets ?? []) as Record<string, unknown>[];
  return {
    Image: spec.image,
    User: spec.user,
    ReadOnly: spec.readOnly,
    CapabilityDrop: spec.capDrops,
    Init: spec.init,
    Env: Object.entries((spec.env ?? {}) as Record<string, string>).map(([name, value]) => `${name}=${value}`),
    Secrets: secrets.map((secret) => ({
      SecretID: secret.secretId,
      SecretName: secret.secretName,
      File: { Name: secret.fileName, UID: secret.fileUid, GID: secret.fileGid, Mode: secret.fileMode },
    })),
    Healthcheck: healthcheckOf(spec.healthcheck),
    StopGracePeriod: nanoseconds(spec.stopGracePeriod),
    Mounts: mounts.map(({ type, target, source, tmpfsOptions }) => ({
      ...{ Type: type, Target: target, Source: source },
      TmpfsOptions: tmpfsOptions && { SizeBytes: tmpfsOptions.sizeBytes, Mode: tmpfsOptions.mode },
    })),
  };
}

const resourcesOf = (resources: Properties | undefined) =>
  resources && { MemoryBytes: resources.memoryBytes, NanoCPUs: resources.nanoCpus };

const rollOf = (config: Properties | undefined) =>
  config && {
    Parallelism: config.parallelism,
    Delay: nanoseconds(config.delay),
    Monitor: nanoseconds(config.monitor),
    FailureAction: config.failureAction,
    Order: config.order,
    MaxFailureRatio: Number(config.maxFailureRatio ?? 0),
  };

/** All replicas of the newest spec run (Swarm calls a task running once it is healthy), and no update is under way. */
async function untilConverged(api: DockerApi, id: string, inputs: ServiceInputs): Promise<void> {
  const timeoutMs = (nanoseconds(inputs.convergeConfig?.timeout) ?? DEFAULT_CONVERGE_S * 1e9) / 1e6;
  const wanted = inputs.mode.replicated.replicas;
  const end = Date.now() + timeoutMs;
  for (;;) {
    const { UpdateStatus: status } = await api.call<Service>("GET", `/services/${id}`);
    const tasks = await tasksOf(api, inputs.name);
    if (status?.State.startsWith("rollback"))
      throw new Error(`service ${inputs.name} was rolled back: ${status.Message}. ${evidence(tasks)}`);
    const running = tasks.filter((task) => task.DesiredState === "running" && task.Status.State === "running").length;
    const others = tasks.filter((task) => task.DesiredState === "shutdown" && task.Status.State === "running").length;
    const isUpdating = status !== undefined && status.State !== "completed";
    if (!isUpdating && running === wanted && others === 0) return;
    if (Date.now() > end) {
      throw new Error(`service ${inputs.name} has ${running} of ${wanted} replicas after ${timeoutMs / 1_000} s. ${evidence(tasks)}`);
    }
    await delay(CHECK_MS);
  }
}

const tasksOf = (api: DockerApi, name: string) =>
  api.call<Task[]>("GET", `/tasks?filters=${encodeURIComponent(JSON.stringify({ service: { [name]: true } }))}`);

/** What the last tasks that ended say of it. */
function evidence(tasks: Task[]): string {
  const newest = tasks.sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1)).slice(0, EVIDENCE_TASKS);
  return newest
    .map(({ Slot: slot, Status: { State: state, Err: error, Message: message } }) => `replica ${slot}: ${state}, ${error ?? message}`)
    .join("; ");
}

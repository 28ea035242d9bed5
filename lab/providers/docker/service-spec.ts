import type { Shape, Values } from "../protocol/kind.ts";
import { nanoseconds, toHealthcheck } from "./units.ts";

const ROLLOUT: Shape = { order: true, parallelism: true, delay: true, monitor: true, failureAction: true, maxFailureRatio: true };
const CONTENT: Shape = { fileName: true, fileUid: true, fileGid: true, fileMode: true };

/** The fields of docker.ServiceArgs that the stacks use. */
export const SERVICE_SHAPE: Shape = {
  name: true,
  labels: [{ label: true, value: true }],
  mode: { global: true, replicated: { replicas: true } },
  taskSpec: {
    forceUpdate: true,
    containerSpec: {
      image: true,
      user: true,
      readOnly: true,
      capDrops: [true],
      init: true,
      commands: [true],
      args: [true],
      env: true,
      labels: [{ label: true, value: true }],
      mounts: [{ type: true, target: true, source: true, readOnly: true, tmpfsOptions: { sizeBytes: true, mode: true } }],
      secrets: [{ secretId: true, secretName: true, ...CONTENT }],
      healthcheck: { tests: [true], interval: true, timeout: true, retries: true, startPeriod: true },
      stopGracePeriod: true,
      stopSignal: true,
    },
    networksAdvanceds: [{ id: true, aliases: [true] }],
    placement: { constraints: [true], prefs: [true], maxReplicas: true, platforms: [{ os: true, architecture: true }] },
    resources: { limits: { memoryBytes: true, nanoCpus: true }, reservation: { memoryBytes: true, nanoCpus: true } },
    restartPolicy: { condition: true, delay: true, maxAttempts: true, window: true },
  },
  endpointSpec: { mode: true },
  updateConfig: ROLLOUT,
  rollbackConfig: ROLLOUT,
};

/** The whole specification, for a new service and for a changed one: omitted fields go back to their default. */
export function serviceSpec(inputs: Values): Values {
  return {
    Name: inputs.name,
    Labels: labels(inputs.labels),
    Mode: inputs.mode?.global ? { Global: {} } : { Replicated: { Replicas: inputs.mode?.replicated?.replicas ?? 1 } },
    TaskTemplate: taskTemplate(inputs.taskSpec),
    EndpointSpec: { Mode: inputs.endpointSpec?.mode ?? "vip" },
    UpdateConfig: rollout(inputs.updateConfig),
    RollbackConfig: rollout(inputs.rollbackConfig),
  };
}

function taskTemplate({ containerSpec, networksAdvanceds = [], placement, resources, restartPolicy, forceUpdate }: Values): Values {
  return {
    ContainerSpec: toContainerSpec(containerSpec),
    Networks: (networksAdvanceds as Values[]).map(({ id, aliases }) => ({ Target: id, Aliases: aliases })),
    Placement: {
      Constraints: placement?.constraints ?? [],
      Preferences: ((placement?.prefs ?? []) as string[]).map((descriptor) => ({ Spread: { SpreadDescriptor: descriptor } })),
      MaxReplicas: placement?.maxReplicas ?? 0,
      Platforms: ((placement?.platforms ?? []) as Values[]).map(({ os, architecture }) => ({ OS: os, Architecture: architecture })),
    },
    Resources: { Limits: amounts(resources?.limits), Reservations: amounts(resources?.reservation) },
    RestartPolicy: {
      Condition: restartPolicy?.condition ?? "any",
      ...(restartPolicy?.delay === undefined ? {} : { Delay: nanoseconds(restartPolicy.delay) }),
      ...(restartPolicy?.window === undefined ? {} : { Window: nanoseconds(restartPolicy.window) }),
      ...(restartPolicy?.maxAttempts === undefined ? {} : { MaxAttempts: restartPolicy.maxAttempts }),
    },
    ForceUpdate: forceUpdate ?? 0,
  };
}

function toContainerSpec(given: Values): Values {
  return {
    Image: given.image,
    User: given.user,
    ReadOnly: given.readOnly ?? false,
    CapabilityDrop: given.capDrops,
    Init: given.init,
    Command: given.commands,
    Args: given.args,
    Env: Object.entries((given.env ?? {}) as Values).map(([name, value]) => `${name}=${value}`),
    Labels: labels(given.labels),
    Mounts: ((given.mounts ?? []) as Values[]).map(({ type, target, source, readOnly, tmpfsOptions }) => ({
      Type: type,
      Target: target,
      Source: source,
      ReadOnly: readOnly ?? false,
      ...(tmpfsOptions === undefined ? {} : { TmpfsOptions: { SizeBytes: tmpfsOptions.sizeBytes, Mode: tmpfsOptions.mode } }),
    })),
    Secrets: ((given.secrets ?? []) as Values[]).map(
      ({ secretId, secretName, fileName, fileUid = "0", fileGid = "0", fileMode = 0o444 }) => ({
        SecretID: secretId,
        SecretName: secretName,
        File: { Name: fileName, UID: fileUid, GID: fileGid, Mode: fileMode },
      }),
    ),
    Healthcheck: given.healthcheck === undefined ? undefined : toHealthcheck(given.healthcheck),
    ...(given.stopGracePeriod === undefined ? {} : { StopGracePeriod: nanoseconds(given.stopGracePeriod) }),
    StopSignal: given.stopSignal,
  };
}

const labels = (given: Values[] = []) => Object.fromEntries(given.map(({ label, value }) => [label, value]));
const amounts = ({ memoryBytes, nanoCpus }: Values = {}) => ({ MemoryBytes: memoryBytes, NanoCPUs: nanoCpus });

const rollout = (given: Values = {}) => ({
  Order: given.order ?? "stop-first",
  Parallelism: given.parallelism ?? 1,
  Delay: nanoseconds(given.delay ?? "0s"),
  Monitor: nanoseconds(given.monitor ?? "5s"),
  FailureAction: given.failureAction ?? "pause",
  MaxFailureRatio: Number(given.maxFailureRatio ?? "0.0"),
});

/** `docker:index/service:Service`: created, or updated as a whole, and then watched until all replicas are as wanted. */
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Kind, Values } from "../protocol/kind.ts";
import type { DockerConnection } from "./connection.ts";
import { SERVICE_SHAPE, serviceSpec } from "./service-spec.ts";
import { nanoseconds } from "./units.ts";

const DEFAULT_CONVERGE = { delay: "7s", timeout: "3m" };
const RETRY_MS = 1_000;
const UPDATE_ATTEMPTS = 5;

export const serviceKind = (docker: DockerConnection): Kind => ({
  shape: SERVICE_SHAPE,
  updatable: "all",
  replacing: ["name"],
  create: async (inputs) => {
    const { ID: id } = await docker.must("POST", "/services/create", { body: serviceSpec(inputs) });
    try {
      await converge(docker, id, inputs);
    } catch (error) {
      // As the real one does: a new service that does not come to life is taken away.
      await docker.must("DELETE", `/services/${id}`, { statuses: [200, 404] });
      throw error;
    }
    return { id, outputs: inputs };
  },
  read: async (id, state) => {
    const { status } = await docker.ask("GET", `/services/${id}`);
    return status === 404 ? undefined : state;
  },
  update: async (id, _state, inputs) => {
    await updateService(docker, id, inputs);
    await converge(docker, id, inputs);
    return inputs;
  },
  delete: async (id, state) => {
    await docker.must("DELETE", `/services/${id}`, { statuses: [200, 404] });
    await waitUntilGone(docker, id, nanoseconds(state.taskSpec?.containerSpec?.stopGracePeriod ?? "10s") / 1e6 + 10_000);
  },
});

/** Somebody else may change it between the question for its version and the update. */
async function updateService(docker: DockerConnection, id: string, inputs: Values): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { Version: version } = (await docker.must("GET", `/services/${id}`)) as Values;
    const { status, body } = await docker.ask("POST", `/services/${id}/update?version=${version.Index}`, serviceSpec(inputs));
    if (status === 200) return;
    if (attempt >= UPDATE_ATTEMPTS || !/out of sequence/.test(body?.message ?? "")) throw new Error(body?.message ?? `status ${status}`);
    await delay(RETRY_MS);
  }
}

async function converge(docker: DockerConnection, id: string, inputs: Values): Promise<void> {
  if (inputs.convergeConfig === undefined) return;
  const settings = { ...DEFAULT_CONVERGE, ...(inputs.convergeConfig as Partial<typeof DEFAULT_CONVERGE>) };
  const end = Date.now() + nanoseconds(settings.timeout) / 1e6;
  for (;;) {
    await delay(nanoseconds(settings.delay) / 1e6);
    const service = (await docker.must("GET", `/services/${id}?status=true`)) as Values;
    const { State: state, Message: message } = (service.UpdateStatus ?? {}) as Values;
    if (/^(paused|rollback)/.test(state ?? ""))
      throw new Error(`service ${inputs.name}: ${state}: ${message}. ${await complaints(docker, id)}`);
    if (state !== "updating" && (await isRunning(docker, service))) return;
    if (Date.now() > end)
      throw new Error(`service ${inputs.name} did not converge within ${settings.timeout}. ${await complaints(docker, id)}`);
  }
}

/** All wanted replicas, and they of the newest specification. */
async function isRunning(docker: DockerConnection, service: Values): Promise<boolean> {
  const { RunningTasks: running, DesiredTasks: desired } = (await statusOf(docker, service.ID)) as Values;
  const wanted = service.Spec.Mode.Replicated?.Replicas ?? desired;
  const tasks = await tasksOf(docker, service.ID);
  const { ContainerSpec: container, ForceUpdate: forced = 0 } = service.Spec.TaskTemplate as Values;
  // Just after an update Swarm still has the status of the one before.
  const isNewest = ({ Spec: spec }: Values) => isDeepStrictEqual(spec.ContainerSpec, container) && (spec.ForceUpdate ?? 0) === forced;
  const current = tasks.filter((task) => task.DesiredState === "running" && task.Status.State === "running" && isNewest(task));
  const outdated = tasks.filter((task) => task.DesiredState !== "running" && task.Status.State === "running");
  return running >= wanted && current.length === wanted && outdated.length === 0;
}

async function statusOf(docker: DockerConnection, id: string): Promise<Values> {
  const [listed] = (await docker.must("GET", `/services?status=true&filters=${filter({ id: [id] })}`)) as Values[];
  return listed?.ServiceStatus ?? {};
}

const tasksOf = (docker: DockerConnection, id: string) =>
  docker.must("GET", `/tasks?filters=${filter({ service: [id] })}`) as Promise<Values[]>;

async function complaints(docker: DockerConnection, id: string): Promise<string> {
  const messages = (await tasksOf(docker, id)).map((task) => task.Status.Err).filter(Boolean);
  return [...new Set(messages)].join("; ");
}

/** Networks and secrets that it used can go only after its containers. */
async function waitUntilGone(docker: DockerConnection, id: string, milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    const { status, body } = await docker.ask("GET", `/tasks?filters=${filter({ service: [id] })}`);
    if (status !== 200 || (body as unknown[]).length === 0) return;
    await delay(RETRY_MS);
  }
}

const filter = (by: Record<string, string[]>) => encodeURIComponent(JSON.stringify(by));

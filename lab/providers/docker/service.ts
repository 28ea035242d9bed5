/** `docker:index/service:Service`: created, or updated as a whole. Nothing is awaited, as without a convergeConfig of the real provider. */
import { setTimeout as delay } from "node:timers/promises";
import { retry } from "../../../services/core/runtime/retry.ts";
import type { Kind, Values } from "../protocol/kind.ts";
import { type DockerConnection, DockerRefusal } from "./connection.ts";
import { contractBreaches, environmentBreach, platformBreach, SERVICE_CONTRACT } from "./contract.ts";
import { SERVICE_SHAPE, serviceSpec } from "./service-spec.ts";
import { nanoseconds } from "./units.ts";

const RETRY_MS = 1_000;
const MAX_UPDATE_ATTEMPTS = 5;

export const serviceKind = (docker: DockerConnection): Kind => ({
  shape: SERVICE_SHAPE,
  refuse: (inputs) => [...contractBreaches(SERVICE_CONTRACT, inputs), ...platformBreach(inputs), ...environmentBreach(inputs)],
  updatable: "all",
  replacing: ["name", "taskSpec.networksAdvanceds"],
  sets: ["labels", "taskSpec.containerSpec.secrets", "taskSpec.networksAdvanceds", "taskSpec.placement.constraints"],
  create: async (inputs) => {
    const { ID: id } = await docker.must("POST", "/services/create", { body: serviceSpec(inputs) });
    return { id, outputs: inputs };
  },
  read: async (id, state) => {
    const { status } = await docker.ask("GET", `/services/${id}`);
    return status === 404 ? undefined : state;
  },
  update: async (id, _state, inputs) => {
    await updateService(docker, id, inputs);
    return inputs;
  },
  delete: async (id, state) => {
    await docker.must("DELETE", `/services/${id}`, { statuses: [200, 404] });
    await waitUntilGone(docker, id, nanoseconds(state.taskSpec?.containerSpec?.stopGracePeriod ?? "10s") / 1e6 + 10_000);
  },
});

/** Another client may change it between the read of its version and the update. */
async function updateService(docker: DockerConnection, id: string, inputs: Values): Promise<void> {
  const update = async () => {
    const { Version: version } = (await docker.must("GET", `/services/${id}`)) as Values;
    await docker.must("POST", `/services/${id}/update?version=${version.Index}`, { body: serviceSpec(inputs), statuses: [200] });
  };
  const isTransient = (error: unknown) => error instanceof DockerRefusal && error.message.includes("out of sequence");
  await retry(update, { isTransient, waitMs: RETRY_MS, maxAttempts: MAX_UPDATE_ATTEMPTS });
}

/** Its networks and secrets can be removed only after its containers. */
async function waitUntilGone(docker: DockerConnection, id: string, milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    const { status, body } = await docker.ask("GET", `/tasks?filters=${filter({ service: [id] })}`);
    if (status !== 200 || (body as unknown[]).length === 0) return;
    await delay(RETRY_MS);
  }
}

const filter = (by: Record<string, string[]>) => encodeURIComponent(JSON.stringify(by));

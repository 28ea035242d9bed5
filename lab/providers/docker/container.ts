/** `docker:index/container:Container`, with measured behaviour of the real provider: changes without effect, and half-created containers that stay. */
import { setTimeout as delay } from "node:timers/promises";
import { HalfMadeError } from "../protocol/errors.ts";
import type { Kind, Values } from "../protocol/kind.ts";
import type { DockerConnection } from "./connection.ts";
import { CONTAINER_SHAPE, containerSpec, furtherNetworks, memoryOf } from "./container-spec.ts";
import { CONTAINER_CONTRACT, contractBreaches } from "./contract.ts";
import { mebibytesOf } from "./units.ts";

const DEFAULT_WAIT_SECONDS = 60;
const ASK_AGAIN_MS = 500;

export const containerKind = (docker: DockerConnection): Kind => ({
  shape: CONTAINER_SHAPE,
  refuse: (inputs) => [
    ...(inputs.name === undefined ? ["the lab's stand-in generates no names: set name"] : []),
    ...contractBreaches(CONTAINER_CONTRACT, inputs),
  ],
  // Only memory and restart of these reach the container; a new health check or tmpfs is reported as applied, and is not.
  updatable: ["memory", "memorySwap", "restart", "healthcheck", "tmpfs", "wait", "waitTimeout", "destroyGraceSeconds"],
  sets: ["labels", "envs", "networksAdvanced", "volumes"],
  create: async (inputs) => {
    await ensureImage(docker, inputs.image);
    const { Id: id } = await docker.must("POST", `/containers/create?name=${inputs.name}`, { body: containerSpec(inputs) });
    try {
      for (const { name, endpoint } of furtherNetworks(inputs)) {
        await docker.must("POST", `/networks/${name}/connect`, { body: { Container: id, EndpointConfig: endpoint } });
      }
      await docker.must("POST", `/containers/${id}/start`);
      if (inputs.wait) await waitUntilHealthy(docker, id, inputs.waitTimeout ?? DEFAULT_WAIT_SECONDS);
    } catch (error) {
      throw new HalfMadeError(error instanceof Error ? error.message : String(error), { id, outputs: inputs });
    }
    return { id, outputs: inputs };
  },
  read: async (id, state) => {
    const { status, body } = await docker.ask("GET", `/containers/${id}/json`);
    return status === 404 ? undefined : { ...state, ...foundOn(body as Values, state) };
  },
  update: async (id, _state, inputs) => {
    const body = { ...memoryOf(inputs), RestartPolicy: { Name: inputs.restart ?? "no" } };
    await docker.must("POST", `/containers/${id}/update`, { body });
    return inputs;
  },
  delete: async (id, state) => {
    // Without a grace period the real provider kills immediately.
    await docker.must("POST", `/containers/${id}/stop?t=${state.destroyGraceSeconds ?? 0}`, { statuses: [204, 304, 404] });
    await docker.must("DELETE", `/containers/${id}?force=true`, { statuses: [204, 404] });
  },
});

/**
 * The real provider's read result for a container changed by hand: its limits, and no ports while it is stopped, so that it is
 * replaced (internal/provider/resource_docker_container_funcs.go).
 */
function foundOn({ State, HostConfig }: Values, { name, ports }: Values): Values {
  if (!State.Running && ports === undefined) {
    throw new Error(`The lab's stand-in does not know how the real provider reads ${name}, which is stopped and has no ports`);
  }
  return {
    memory: mebibytesOf(HostConfig.Memory),
    memorySwap: mebibytesOf(HostConfig.MemorySwap),
    restart: HostConfig.RestartPolicy.Name,
    ...(State.Running ? {} : { ports: [] }),
  };
}

/** Pulls images that the host does not have, as in the real provider. */
async function ensureImage(docker: DockerConnection, image: string): Promise<void> {
  const { status } = await docker.ask("GET", `/images/${image}/json`);
  if (status === 200) return;
  const progress = (await docker.must("POST", `/images/create?fromImage=${encodeURIComponent(image)}`)) as Values[];
  const failed = progress.find(({ error }) => error !== undefined);
  if (failed) throw new Error(`pulling ${image}: ${failed.error}`);
}

async function waitUntilHealthy(docker: DockerConnection, id: string, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const { State: state, Name: name } = (await docker.must("GET", `/containers/${id}/json`)) as Values;
    if (state.Health?.Status === "healthy") return;
    if (Date.now() > end)
      throw new Error(`container ${name.slice(1)}: ${state.Health?.Status ?? state.Status} after ${seconds} s. ${lastAnswer(state)}`);
    await delay(ASK_AGAIN_MS);
  }
}

const lastAnswer = (state: Values) => String(state.Health?.Log?.at(-1)?.Output ?? state.Error ?? "").trim();

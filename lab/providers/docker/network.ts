/** `docker:index/network:Network` */
import { retry } from "../../../services/core/runtime/retry.ts";
import type { Kind, Values } from "../protocol/kind.ts";
import { type DockerConnection, DockerRefusal } from "./connection.ts";

/** Swarm needs a moment to release a network's last task. */
const MAX_DELETE_ATTEMPTS = 30;
const RETRY_MS = 1_000;

export const networkKind = (docker: DockerConnection): Kind => ({
  shape: {
    name: true,
    driver: true,
    attachable: true,
    internal: true,
    options: true,
    ipamConfigs: [{ subnet: true, gateway: true }],
    labels: [{ label: true, value: true }],
  },
  refuse: ({ name }) => (name === undefined ? ["the lab's stand-in generates no names: set name"] : []),
  updatable: [],
  sets: ["labels", "ipamConfigs"],
  create: async (inputs) => {
    const { Id: id } = await docker.must("POST", "/networks/create", { body: networkSpec(inputs) });
    return { id, outputs: { ...inputs, scope: inputs.driver === "overlay" ? "swarm" : "local" } };
  },
  read: async (id, state) => {
    const { status } = await docker.ask("GET", `/networks/${id}`);
    return status === 404 ? undefined : state;
  },
  delete: async (id) => {
    await retry(() => docker.must("DELETE", `/networks/${id}`, { statuses: [204, 404] }), {
      isTransient: (error) => error instanceof DockerRefusal,
      waitMs: RETRY_MS,
      maxAttempts: MAX_DELETE_ATTEMPTS,
    });
  },
});

const networkSpec = ({ name, driver = "bridge", attachable, internal, options, ipamConfigs = [], labels = [] }: Values) => ({
  Name: name,
  CheckDuplicate: true,
  Driver: driver,
  Attachable: attachable ?? false,
  Internal: internal ?? false,
  Options: options ?? {},
  Labels: Object.fromEntries((labels as Values[]).map(({ label, value }) => [label, value])),
  ...(ipamConfigs.length === 0
    ? {}
    : { IPAM: { Config: (ipamConfigs as Values[]).map(({ subnet, gateway }) => ({ Subnet: subnet, Gateway: gateway })) } }),
});

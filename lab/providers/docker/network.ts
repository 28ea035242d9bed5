/** `docker:index/network:Network` */
import { setTimeout as delay } from "node:timers/promises";
import type { Kind, Values } from "../protocol/kind.ts";
import type { DockerConnection } from "./connection.ts";

/** Swarm takes a moment to let a network's last task go. */
const DELETE_ATTEMPTS = 30;
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
  refuse: ({ name }) => (name === undefined ? ["the lab's stand-in makes up no names: set name"] : []),
  updatable: [],
  create: async (inputs) => {
    const { Id: id } = await docker.must("POST", "/networks/create", { body: networkSpec(inputs) });
    return { id, outputs: { ...inputs, scope: inputs.driver === "overlay" ? "swarm" : "local" } };
  },
  read: async (id, state) => {
    const { status } = await docker.ask("GET", `/networks/${id}`);
    return status === 404 ? undefined : state;
  },
  delete: async (id) => {
    for (let attempt = 1; ; attempt += 1) {
      const { status, body } = await docker.ask("DELETE", `/networks/${id}`);
      if (status === 204 || status === 404) return;
      if (attempt >= DELETE_ATTEMPTS) throw new Error(body?.message ?? `status ${status}`);
      await delay(RETRY_MS);
    }
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

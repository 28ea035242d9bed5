/** `docker:index/secret:Secret`: never changed, only replaced. */
import type { Kind } from "../protocol/kind.ts";
import type { DockerConnection } from "./connection.ts";

export const secretKind = (docker: DockerConnection): Kind => ({
  shape: { name: true, data: true },
  updatable: [],
  create: async (inputs) => {
    const { ID: id } = await docker.must("POST", "/secrets/create", { body: { Name: inputs.name, Data: inputs.data, Labels: {} } });
    return { id, outputs: inputs };
  },
  read: async (id, state) => {
    const { status } = await docker.ask("GET", `/secrets/${id}`);
    return status === 404 ? undefined : state;
  },
  delete: async (id) => {
    await docker.must("DELETE", `/secrets/${id}`, { statuses: [204, 404] });
  },
});

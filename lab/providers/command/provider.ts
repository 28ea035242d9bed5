import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Properties, type ResourceKind, serveProvider } from "../serve.ts";
import { runRemotely } from "./remote.ts";

/** `command.remote.Command`. */
const command: ResourceKind = {
  inputs: ["connection", "create", "update", "delete", "stdin", "logging", "addPreviousOutputInEnv", "triggers"],
  replacedBy: ["triggers"],
  async create(inputs) {
    const outputs = await runRemotely(inputs.connection, String(inputs.create), inputs.stdin);
    return { id: createHash("sha256").update(`${Date.now()}${Math.random()}`).digest("hex").slice(0, 16), outputs };
  },
  update: async (_id, inputs) => ({ ...(await runRemotely(inputs.connection, String(inputs.update ?? inputs.create), inputs.stdin)) }),
  async delete(_id, outputs) {
    if (outputs.delete) await runRemotely(outputs.connection, String(outputs.delete));
  },
};

/** `command.remote.CopyToRemote`, of a file. */
const copy: ResourceKind = {
  inputs: ["connection", "source", "remotePath", "triggers"],
  replacedBy: ["triggers", "remotePath"],
  async create(inputs) {
    await upload(inputs);
    return { id: String(inputs.remotePath), outputs: {} };
  },
  async update(_id, inputs) {
    await upload(inputs);
    return {};
  },
  async delete() {},
};

async function upload({ connection, source, remotePath }: Properties): Promise<void> {
  const { path } = source as { path?: string };
  if (!path) throw new Error("the lab's stand-in copies files alone");
  const quoted = `'${String(remotePath).replaceAll("'", "'\\''")}'`;
  await runRemotely(connection, `cat >${quoted}.new && mv ${quoted}.new ${quoted}`, readFileSync(path));
}

await serveProvider("1.2.1", { "command:remote:Command": command, "command:remote:CopyToRemote": copy });

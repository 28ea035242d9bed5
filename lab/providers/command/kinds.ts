/** `command:remote:Command` and `CopyToRemote`, as @pulumi/command 1.2.1 describes them. */
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Kind, Shape, Values } from "../protocol/kind.ts";
import { runOverSsh, type SshConnection } from "./ssh.ts";

const CONNECTION: Shape = {
  host: true,
  port: true,
  user: true,
  privateKey: true,
  hostKey: true,
  dialErrorLimit: true,
  perDialTimeout: true,
};

export const command: Kind = {
  shape: {
    connection: CONNECTION,
    create: true,
    update: true,
    delete: true,
    stdin: true,
    logging: true,
    triggers: true,
    addPreviousOutputInEnv: true,
  },
  // The real one would hand the last output to every script as environment variables.
  refuse: ({ addPreviousOutputInEnv }) =>
    addPreviousOutputInEnv === false ? [] : ["the lab's stand-in knows addPreviousOutputInEnv: false alone"],
  updatable: "all",
  replacing: ["triggers"],
  create: async (inputs) => ({ id: `cmd-${randomBytes(8).toString("hex")}`, outputs: await perform(inputs, inputs.create) }),
  update: (_id, _state, inputs) => perform(inputs, inputs.update ?? inputs.create),
  delete: async (_id, state) => {
    if (state.delete !== undefined) await perform(state, state.delete);
  },
};

export const copyToRemote: Kind = {
  shape: { connection: CONNECTION, source: true, remotePath: true, triggers: true },
  updatable: ["connection", "source"],
  replacing: ["triggers", "remotePath"],
  create: async (inputs) => ({ id: `cpy-${randomBytes(8).toString("hex")}`, outputs: await copy(inputs) }),
  update: (_id, _state, inputs) => copy(inputs),
  delete: async () => {},
};

async function perform(inputs: Values, text: string | undefined): Promise<Values> {
  if (text === undefined) return { ...inputs, stdout: "", stderr: "" };
  const { code, stdout, stderr } = await runOverSsh(inputs.connection as SshConnection, text, String(inputs.stdin ?? ""));
  if (code !== 0) throw new Error(`Process exited with status ${code}: running ${JSON.stringify(text)}:\n${stderr}`);
  return { ...inputs, stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") };
}

/** Parents are not made, as the real one does for files. */
async function copy(inputs: Values): Promise<Values> {
  const { connection, source, remotePath } = inputs as { connection: SshConnection; source: { path?: string }; remotePath: string };
  if (source.path === undefined) throw new Error("The lab's stand-in copies a FileAsset alone");
  const content = await readFile(source.path);
  const quoted = `'${remotePath.replaceAll("'", "'\\''")}'`;
  const { code, stdout, stderr } = await runOverSsh(connection, `cat >${quoted} && sha256sum <${quoted}`, content);
  const wanted = createHash("sha256").update(content).digest("hex");
  if (code !== 0 || !stdout.startsWith(wanted))
    throw new Error(`Copying ${source.path} to ${connection.host}:${remotePath} failed: ${stderr}`);
  return inputs;
}

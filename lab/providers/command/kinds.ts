/** `command:local:Command`, as in @pulumi/command 1.2.1. */
import { randomBytes } from "node:crypto";
import { execa } from "execa";
import type { Kind, Values } from "../protocol/kind.ts";

export const command: Kind = {
  shape: {
    create: true,
    update: true,
    delete: true,
    stdin: true,
    environment: true,
    logging: true,
    addPreviousOutputInEnv: true,
  },
  // The real provider would pass the last output to every script as environment variables.
  refuse: ({ addPreviousOutputInEnv }) =>
    addPreviousOutputInEnv === false ? [] : ["the lab's stand-in supports only addPreviousOutputInEnv: false"],
  updatable: "all",
  create: async (inputs) => ({ id: `cmd-${randomBytes(8).toString("hex")}`, outputs: await perform(inputs, inputs.create) }),
  update: (_id, _state, inputs) => perform(inputs, inputs.update ?? inputs.create),
  delete: async (_id, state) => {
    if (state.delete !== undefined) await perform(state, state.delete);
  },
};

/** By /bin/sh, as in the real provider without an interpreter. */
async function perform(inputs: Values, text: string | undefined): Promise<Values> {
  if (text === undefined) return { ...inputs, stdout: "", stderr: "" };
  const env = inputs.environment as Record<string, string>;
  const result = await execa("/bin/sh", ["-c", text], { input: String(inputs.stdin ?? ""), env, all: true, reject: false });
  const { stdout, stderr, all, exitCode } = result;
  if (result.failed) throw new Error(`exit status ${exitCode ?? result.signal}: running ${JSON.stringify(text)}:\n${all}`);
  return { ...inputs, stdout, stderr };
}

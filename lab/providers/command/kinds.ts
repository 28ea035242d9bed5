/** `command:local:Command`, as @pulumi/command 1.2.1 describes it. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Kind, Values } from "../protocol/kind.ts";

export const command: Kind = {
  shape: {
    create: true,
    update: true,
    delete: true,
    stdin: true,
    environment: true,
    logging: true,
    triggers: true,
    addPreviousOutputInEnv: true,
  },
  // The real provider would hand the last output to every script as environment variables.
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

/** By /bin/sh, as the real provider does where no interpreter is given. */
async function perform(inputs: Values, text: string | undefined): Promise<Values> {
  if (text === undefined) return { ...inputs, stdout: "", stderr: "" };
  const child = spawn("/bin/sh", ["-c", text], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...(inputs.environment as Record<string, string>) },
  });
  const output = { stdout: "", stderr: "", all: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      output[name] += chunk;
      output.all += chunk;
    });
  }
  // A command that does not read its input closes the pipe.
  child.stdin.on("error", () => {}).end(String(inputs.stdin ?? ""));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`exit status ${code}: running ${JSON.stringify(text)}:\n${output.all}`);
  return { ...inputs, stdout: output.stdout.replace(/\n$/, ""), stderr: output.stderr.replace(/\n$/, "") };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError, type PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { inOwnGroup } from "../../../../services/cli/stack/engine-process.ts";
import { translateError } from "../../../../services/cli/stack/translate-error.ts";

type Run = (
  args: string[],
  directory: string,
  environment: Record<string, string>,
  ...rest: [onOutput?: (text: string) => void, onError?: (text: string) => void, signal?: AbortSignal]
) => Promise<{ stdout: string; stderr: string; code: number }>;

/** A shell in place of the engine. */
const runOf = (command: string) => (inOwnGroup({ command } as PulumiCommand) as unknown as { run: Run }).run;
const shell = (text: string, ...rest: Parameters<Run> extends [infer _A, infer _B, infer _C, ...infer Rest] ? Rest : never) =>
  runOf("sh")(["-c", text, "--non-interactive"], "/", { GIVEN: "ü" }, ...rest);

test("both outputs of the engine are returned without their last line break, and passed on as they arrive", async () => {
  const texts: string[] = [];

  const result = await shell(
    'echo "$GIVEN"; echo err >&2; pwd',
    (text) => texts.push(text),
    (text) => texts.push(text),
  );

  assert.deepEqual(result, { stdout: "ü\n/", stderr: "err", code: 0 });
  assert.deepEqual(texts.join("").split("\n").sort(), ["", "/", "err", "ü"]);
});

test("an engine that fails is a CommandError with both outputs", async () => {
  const failing = shell("echo out; echo 'error: the engine fails' >&2; exit 255");

  await assert.rejects(failing, (error: Error) => error instanceof CommandError && /error: the engine fails\nout/.test(error.message));
});

test("an abort interrupts the engine, which has a process group of its own", async () => {
  const stop = new AbortController();
  const text = 'trap "echo interrupted; exit 3" INT; echo $(ps -o pgid= -p $$) $$; while :; do sleep 0.05; done';
  const running = shell(text, () => stop.abort(), undefined, stop.signal);

  const { message } = (await running.catch((cause: unknown) => cause)) as Error;

  assert.match(message, /^interrupted$/m);
  assert.match(message, /^(\d+) \1$/m);
});

test("after an abort no engine starts", async () => {
  const running = shell("exit 3", undefined, undefined, AbortSignal.abort("SIGINT"));

  assert.equal(await running.catch((cause: unknown) => cause), "SIGINT");
});

test("an engine that is not there is named", async () => {
  const failure = await runOf("/nowhere/pulumi")([], "/", {}).catch((cause: unknown) => cause);

  assert.match((failure as Error).message, /spawn \/nowhere\/pulumi ENOENT/);
});

test("a missing 'pulumi' is translated to what to install", async () => {
  const { PATH } = process.env;
  process.env.PATH = "/nowhere";
  const failure = await runOf("pulumi")([], "/", {}).catch((cause: unknown) => cause);
  process.env.PATH = PATH;

  assert.equal((translateError(failure, "lab") as { code?: string }).code, "E_NO_PULUMI");
});

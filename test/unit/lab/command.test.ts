import assert from "node:assert/strict";
import { test } from "node:test";
import { findProgram, run, succeeds, waitUntil } from "../../../lab/command.ts";
import { LabCommandError, LabTimeoutError } from "../../../lab/errors.ts";

test("a command's input is returned as its output", async () => {
  assert.equal(await run(["cat"], { input: "hello\n" }), "hello");
});

test("a failed command is reported with its text, its status and its output", async () => {
  const failing = run(["sh", "-c", "echo oh no >&2; exit 3"]);

  await assert.rejects(
    failing,
    (error) => error instanceof LabCommandError && /exit code 3/.test(error.message) && /oh no/.test(error.message),
  );
});

test("a program that does not exist is reported as a failure", async () => {
  assert.equal(await succeeds(["/nowhere/program"]), false);
  assert.equal(await findProgram("no-such-program-anywhere"), undefined);
});

test("a command is ended with its children at its timeout", async () => {
  const hanging = run(["sh", "-c", "sleep 60 & wait"], { timeoutSeconds: 0.2 });

  await assert.rejects(hanging, /no end within 0.2 s/);
});

test("an aborted command ends with the abort reason", async () => {
  const stop = new AbortController();
  const running = run(["sleep", "60"], { signal: stop.signal });

  stop.abort(new Error("enough"));

  await assert.rejects(running, /enough/);
});

test("a condition that never occurs ends in an error with the evidence", async () => {
  const waiting = waitUntil("the moon answers", async () => false, { seconds: 0.1, evidence: async () => "It is far." });

  await assert.rejects(waiting, (error) => error instanceof LabTimeoutError && /the moon answers. It is far./.test(error.message));
});

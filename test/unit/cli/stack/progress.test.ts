import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { shortFailure } from "../../../../services/cli/stack/failure-message.ts";
import { DeploymentProgress } from "../../../../services/cli/stack/progress.ts";
import { CONTAINER, type ReportedStep, reported } from "../../../fixtures/plan-steps.ts";

/** A progress with a clock of its own. */
function startProgress() {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const progress = new DeploymentProgress({ say: (line) => void lines.push(line), phase: "waiting for the engine", now: () => clock.ms });
  const event = (kind: "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent", step: ReportedStep) => {
    for (const metadata of reported(step)) progress.show({ [kind]: { metadata } } as unknown as EngineEvent);
  };
  const diagnostic = (severity: string, message: string, urn?: string) =>
    progress.show({ diagnosticEvent: { severity, message, urn } } as unknown as EngineEvent);
  return { lines, clock, progress, event, diagnostic, [Symbol.dispose]: () => progress[Symbol.dispose]() };
}

const POSTGRES = { type: CONTAINER, name: "postgres" };

test("a resource has one line at its start and one at its end, with its seconds", () => {
  using run = startProgress();

  run.event("resourcePreEvent", { op: "create", ...POSTGRES });
  run.clock.ms = 2_500;
  run.event("resOutputsEvent", { op: "create", ...POSTGRES });

  assert.deepEqual(run.lines, ["creating postgres (Container)", "created postgres (Container) in 2.5 s"]);
});

test("after ten seconds without output, the running work and its time are printed", () => {
  using run = startProgress();

  run.event("resourcePreEvent", { op: "create", ...POSTGRES });
  for (const seconds of [9, 10, 15, 20]) {
    run.clock.ms = seconds * 1_000;
    run.progress.remind();
  }

  assert.deepEqual(run.lines.slice(1), ["still creating postgres (Container) (10 s)", "still creating postgres (Container) (20 s)"]);
});

test("while no resource is changing, the pending work is printed", () => {
  using run = startProgress();

  run.clock.ms = 12_000;
  run.progress.remind();

  assert.deepEqual(run.lines, ["still waiting for the engine (12 s)"]);
});

test("failed resources are no longer listed as running", () => {
  using run = startProgress();

  run.event("resourcePreEvent", { op: "create", ...POSTGRES });
  run.event("resOpFailedEvent", { op: "create", ...POSTGRES });
  run.clock.ms = 10_000;
  run.progress.remind();

  assert.equal(run.lines.at(-1), "still waiting for the engine (10 s)");
});

test("a preview completes nothing", () => {
  using run = startProgress();
  const [metadata] = reported({ op: "create", ...POSTGRES });

  run.progress.show({ resourcePreEvent: { metadata, planning: true } } as unknown as EngineEvent);
  run.progress.show({ resOutputsEvent: { metadata, planning: true } } as unknown as EngineEvent);

  assert.deepEqual([run.progress.planned.length, run.progress.done.length, run.lines], [1, 0, []]);
});

test("each warning is shown once, each failure is kept once, and the engine's noise is removed", () => {
  using run = startProgress();
  const urn = "urn:pulumi:lab::orbweaver::command:local:Command::data-bootstrap";

  run.diagnostic("warning", "using pulumi-resource-command from $PATH at /opt/pulumi-resource-command\n");
  for (const _ of [1, 2]) run.diagnostic("warning", "networksAdvanceds is deprecated\n", urn);
  run.diagnostic("debug", "a secret");
  for (const _ of [1, 2]) run.diagnostic("error", "it is broken\n", urn);
  run.diagnostic("error", "update failed\n");

  assert.deepEqual(run.lines, ["warning: data-bootstrap (Command): networksAdvanceds is deprecated"]);
  assert.deepEqual(run.progress.failures, [{ urn, message: "it is broken" }]);
});

const apt = Array.from({ length: 200 }, (_, line) => `Get:${line} http://deb.debian.org/debian`).join("\n");
const RUNNING = `exit status 100: running "ssh root@203.0.113.11 \\"timeout 900 bash -s\\"":\n`;

test("a script's failure shows its error lines, without the command and the log before them", () => {
  assert.equal(
    shortFailure(`${RUNNING}${apt}\nE: Unable to locate package foo\nE: second\n\n`),
    "E: Unable to locate package foo\nE: second",
  );
});

test("a script's failure without error lines shows its last lines", () => {
  const lines = shortFailure(`Process exited with status 1: running "timeout 900 bash -s":\n${apt}`).split("\n");

  assert.deepEqual([lines.length, lines.at(-1)], [12, "Get:199 http://deb.debian.org/debian"]);
});

test("a script without output is reported with its exit status", () => {
  assert.equal(shortFailure(`exit status 7: running "ssh \\"x\\"":\n`), "the script ended with exit status 7 and printed nothing");
});

test("messages that no script printed are shown unchanged", () => {
  assert.equal(shortFailure("container exited immediately"), "container exited immediately");
});

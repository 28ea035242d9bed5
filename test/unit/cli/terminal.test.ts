import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { summaryText } from "../../../services/cli/run-report.ts";
import { ROOT } from "../../../services/core/runtime/checkout.ts";

/** Each of them writes control sequences of its own, or escapes what it writes. */
const WRITERS = [
  "services/cli/terminal.ts",
  "services/cli/main.ts",
  "services/cli/run-progress.ts",
  "services/cli/run-output.ts",
  "services/cli/test-run.ts",
];

test("only the terminal module and modules that need control sequences write to stdout and stderr", () => {
  const files = globSync(["services/cli/**/*.ts"], { cwd: ROOT }).filter((file) => !WRITERS.includes(file));

  const writing = files.filter((file) => /\bstd(?:out|err)\.write\(|\bconsole\./.test(readFileSync(join(ROOT, file), "utf8")));

  assert.ok(files.length > 40);
  assert.deepEqual(writing, []);
});

test("output, messages and errors reach stdout and stderr without control characters", () => {
  const source = `
    import { print, say, sayFailure } from "./services/cli/terminal.ts";
    const evil = "\\u001b]0;x\\u0007\\u009b2J\\u202e";
    print(evil + "\\n");
    say(evil);
    sayFailure(new Error(evil));
  `;

  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", source], { cwd: ROOT, encoding: "utf8" });

  const shown = "\\u001b]0;x\\u0007\\u009b2J\\u202e";
  assert.equal(stdout, `${shown}\n`);
  assert.ok(stderr.startsWith(`${shown}\nThis is a bug in Orbweaver: Error: ${shown}\n`), stderr);
});

test("further lines of a failure are indented, so that they differ from lines of the summary", () => {
  const error = { code: "E_SCRIPT", message: "x\ndone in 1.0 s: 100 pages\u001b[1A", retryable: false };
  const report = {
    pages: 1,
    results: 0,
    failed: 1,
    skipped: {},
    seconds: 1,
    isScriptsFault: true,
    isInterrupted: false,
    isGivenUp: false,
    loginProblem: null,
    left: 0,
    early: 0,
  };

  const text = summaryText({ ...report, failures: [{ taskid: "t", url: "http://h/", error }] }, undefined);

  assert.deepEqual(text.split("\n").slice(1), ["  http://h/: x", "  done in 1.0 s: 100 pages\\u001b[1A (E_SCRIPT)", ""]);
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { ROOT } from "../core/runtime/checkout.ts";
import type { Command } from "./arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { switchFlag } from "./flags.ts";
import { print } from "./terminal.ts";
import { runTestFiles, type TestFiles, type TestReport } from "./test-run.ts";

/** Scripts of package.json. */
const CHECKS = [
  { script: "check", title: "format and lint" },
  { script: "types", title: "types" },
];
const QUICK = ["test/unit/**/*.test.ts", "test/component/**/*.test.ts", "test/integration/**/*.test.ts", "packages/*/test/**/*.test.ts"];
const FAULTS = "test/faults/**/*.test.ts";
const LAB = "test/lab/**/*.test.ts";

export const testCommand: Command = {
  name: "test",
  summary: "Checks format, lint and types, and runs the tests",
  positionals: [],
  flags: {
    all: switchFlag("also run crawls under faults, and the lab: complete fleets on this machine, if it can run them"),
    long: switchFlag("also run tests that take hours: crawls under faults, with many seeds and more pages"),
    suites: {
      value: "DIR",
      help: "only run the public test suites in a directory, see docs/conformance.md",
      schema: z
        .string()
        .min(1, "write the path of a directory")
        .optional()
        .transform((text) => (text === undefined ? undefined : resolve(text))),
    },
  },
  notes: ["Tests that need a missing program, such as redis-server, Postgres, Chromium or Docker, are listed as skipped at the end."],
  async run({ flags }) {
    if (flags.suites !== undefined)
      return (await runNode("--disable-warning=ExperimentalWarning", "test/suites/main.ts", String(flags.suites))) ? EXIT.ok : EXIT.failed;
    const failedChecks: string[] = [];
    for (const { script, title } of CHECKS) if (!(await passes(script, title))) failedChecks.push(title);
    const run = (patterns: string[], kind: TestFiles["kind"]) =>
      runTestFiles({ files: globSync(patterns, { cwd: ROOT }).sort(), kind, root: ROOT, long: flags.long === true });
    const reports = [await run(QUICK, "quick")];
    if (flags.all || flags.long) reports.push(await run([FAULTS], "faults"));
    if (flags.all) reports.push(await run([LAB], "lab"));
    const report: TestReport = {
      passed: reports.reduce((sum, { passed }) => sum + passed, 0),
      failed: reports.flatMap(({ failed }) => failed),
      skipped: reports.flatMap(({ skipped }) => skipped),
    };
    print(closingText(report, failedChecks));
    return report.failed.length > 0 || report.passed === 0 || failedChecks.length > 0 ? EXIT.failed : EXIT.ok;
  },
};

async function passes(script: string, title: string): Promise<boolean> {
  print(`== ${title}\n`);
  return runNode("--run", script);
}

async function runNode(...words: string[]): Promise<boolean> {
  const [code] = await once(spawn(process.execPath, words, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] }), "exit");
  return code === 0;
}

/** Lines of a failed test's message. The report above has all of it. */
const MESSAGE_LINES = 12;

/** The last lines of `./orb test`: skipped tests and failed tests with their reasons, and the count. */
export function closingText({ passed, failed, skipped }: TestReport, failedChecks: string[]): string {
  return [
    ...(skipped.length > 0
      ? [`skipped on this machine (${skipped.length}):`, ...skipped.map(({ title, reason }) => `  ${title}: ${reason}`)]
      : []),
    ...failedChecks.map((title) => `failed: ${title}`),
    ...failed.flatMap(({ title, file, message }) => [
      `failed: ${title} (${file})`,
      ...message
        .split("\n")
        .slice(0, MESSAGE_LINES)
        .map((line) => `  ${line}`),
    ]),
    `${passed} passed, ${failed.length + failedChecks.length} failed, ${skipped.length} skipped`,
    "",
  ].join("\n");
}

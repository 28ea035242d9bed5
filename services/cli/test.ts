import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "./arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { switchFlag } from "./flags.ts";
import { runTestFiles, type TestFiles, type TestReport } from "./test-run.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Scripts of package.json. */
const CHECKS = [
  { script: "check", title: "format and lint" },
  { script: "types", title: "types" },
];
const QUICK = ["test/unit/**/*.test.ts", "test/component/**/*.test.ts", "test/integration/**/*.test.ts"];
const FAULTS = "test/faults/**/*.test.ts";
const LAB = "test/lab/**/*.test.ts";

export const testCommand: Command = {
  name: "test",
  summary: "Checks format, lint and types, and runs the tests",
  positionals: [],
  flags: {
    all: switchFlag("also crawls under faults, and the lab: whole fleets on this machine, where it can run them"),
    long: switchFlag("also what takes hours: crawls under faults, with many seeds and more pages"),
  },
  notes: [
    "What this machine cannot run, for want of a program such as redis-server, Postgres, Chromium or Docker, is named at the end as skipped.",
  ],
  async run({ flags }) {
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
    process.stdout.write(closingText(report, failedChecks));
    return report.failed.length > 0 || report.passed === 0 || failedChecks.length > 0 ? EXIT.failed : EXIT.ok;
  },
};

async function passes(script: string, title: string): Promise<boolean> {
  process.stdout.write(`== ${title}\n`);
  const [code] = await once(spawn(process.execPath, ["--run", script], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] }), "exit");
  return code === 0;
}

/** Of a failed test's message. The report above has all of it. */
const MESSAGE_LINES = 12;

/** The last lines of `./orb test`: what was skipped and why, what failed and why, and the count. */
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

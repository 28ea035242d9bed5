import { relative } from "node:path";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";

/** The result of all test files. Counts tests, not suites. */
export interface TestReport {
  passed: number;
  failed: { title: string; file: string; message: string }[];
  skipped: { title: string; reason: string }[];
}

/** Each file is a separate process. Two keep two cores busy without starving tests that wait for servers. A machine has one lab. */
const CONCURRENCY = { quick: 2, faults: 1, lab: 1 };
/** Maximum duration of a test file in milliseconds, and of each of its tests; a longer one hangs. */
const FILE_TIMEOUT_MS = { quick: 600_000, faults: 1_200_000, lab: 3_000_000 };
const LONG_FILE_TIMEOUT_MS = { quick: 3_600_000, faults: 36_000_000, lab: 3_600_000 };
/** Loaded before each file. */
const LIMIT = import.meta.resolve("./end-hung-file.ts");

export interface TestFiles {
  files: string[];
  kind: keyof typeof FILE_TIMEOUT_MS;
  root: string;
  long: boolean;
}

/** Runs test files and prints node's report. `long` sets `TEST_LONG=1` for them. */
export async function runTestFiles({ files, kind, root, long }: TestFiles): Promise<TestReport> {
  const report: TestReport = { passed: 0, failed: [], skipped: [] };
  const timeout = (long ? LONG_FILE_TIMEOUT_MS : FILE_TIMEOUT_MS)[kind];
  const env = { ...withoutSettings(process.env), TEST_FILE_LIMIT_MS: String(timeout), ...(long ? { TEST_LONG: "1" } : {}) };
  const stream = run({
    files,
    cwd: root,
    env,
    concurrency: CONCURRENCY[kind],
    timeout,
    execArgv: [`--import=${LIMIT}`],
  });
  stream.on("test:pass", ({ name, skip, details }) => {
    if (details.type === "suite") return;
    if (skip === undefined || skip === false) report.passed++;
    else report.skipped.push({ title: name, reason: typeof skip === "string" ? skip : "no reason given" });
  });
  stream.on("test:fail", ({ name, file = "", details }) => {
    if (details.type !== "suite" || isOfHook(details.error))
      report.failed.push({ title: name, file: relative(root, file), message: messageOf(details.error) });
  });
  const output = stream.compose(spec);
  output.on("data", (text) => process.stdout.write(text));
  await finished(output);
  return report;
}

/** A suite fails with its tests, which say why. If its hook failed, only the suite does. */
const isOfHook = (error: Error): boolean => "failureType" in error && error.failureType === "hookFailed";

/** The error that the test threw; the error around it says only that the test failed. */
const messageOf = ({ cause, message }: Error): string => (cause instanceof Error ? cause.message : message);

/** The caller's settings must not reach the processes that tests start. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("ORB_")));
}

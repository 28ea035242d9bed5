/**
 * Makes one fault after the other in a copy of this checkout, and says which of them the tests notice: `node test/mutations/main.ts [--only NAME]…`.
 * NAME: the name of a fault, or how names begin (`scheduler/`). Exits with 1 if a fault survives, with 2 if tests fail without any fault.
 */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { copySources } from "../fixtures/checkout-copy.ts";
import { startNode } from "../fixtures/orb.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { type Fault, withFault } from "./fault.ts";
import { FAULTS } from "./faults.ts";
import { readVerdict, type Verdict } from "./verdict.ts";

/** A fault may make a test wait for ever. */
const TEST_TIMEOUT_MS = 120_000;

const { only = [] } = parseArgs({ options: { only: { type: "string", multiple: true } } }).values;
const faults = FAULTS.filter(({ name }) => only.length === 0 || only.some((start) => name.startsWith(start)));
process.exitCode = await tryAll(faults);

async function tryAll(faults: readonly Fault[]): Promise<number> {
  if (faults.length === 0) throw new Error(`no fault is called so: ${only.join(", ")}`);
  using directory = temporaryDirectory();
  // As root, sandboxed children and the embedded Postgres run as other users; they read the copy.
  chmodSync(directory.path, 0o755);
  copySources(directory.path);
  const before = await runTests(directory.path, [...new Set(faults.flatMap(({ tests }) => tests))]);
  if (before.kind !== "survived") {
    process.stderr.write(`without any fault this fails: ${before.by}\n`);
    return 2;
  }
  const verdicts: Verdict[] = [];
  for (const fault of faults) {
    const verdict = await tryFault(directory.path, fault);
    verdicts.push(verdict);
    process.stdout.write(`${verdict.kind.padEnd(8)}  ${fault.name}${verdict.by && `  by: ${verdict.by}`}\n`);
  }
  const noticed = verdicts.filter(({ kind }) => kind === "noticed").length;
  process.stdout.write(`${noticed} of ${faults.length} faults noticed\n`);
  return noticed === faults.length ? 0 : 1;
}

async function tryFault(root: string, fault: Fault): Promise<Verdict> {
  const file = join(root, fault.file);
  const source = readFileSync(file, "utf8");
  writeFileSync(file, withFault(source, fault));
  try {
    return await runTests(root, fault.tests);
  } finally {
    writeFileSync(file, source);
  }
}

async function runTests(cwd: string, tests: readonly string[]): Promise<Verdict> {
  await using program = startNode(["--test", "--test-reporter=tap", `--test-timeout=${TEST_TIMEOUT_MS}`, ...tests], { cwd });
  const { code, stdout } = await program.ended;
  return readVerdict(code, stdout);
}

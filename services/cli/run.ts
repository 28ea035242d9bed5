import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startTask } from "../core/protocol/start-task.ts";
import { createLog } from "../core/runtime/log.ts";
import { abortOnSignals } from "../core/runtime/signals.ts";
import { addToInbox } from "../core/store/inbox.ts";
import { putProject } from "../core/store/projects.ts";
import { prepareChildCode } from "../sandbox/sandbox.ts";
import { schedulerDefaults } from "../scheduler/env.ts";
import { PageBudget } from "../scheduler/page-budget.ts";
import { lockData } from "./data-lock.ts";
import { type Engine, openEngine } from "./engine.ts";
import { readEngineEnv } from "./env.ts";
import { UsageError } from "./errors.ts";
import { hasMessages } from "./memory-at-rest.ts";
import { PauseWatch } from "./pause-watch.ts";
import { formatOf, type OutputFlags, openResultFile, type ResultSink, stdoutSink, writeResults } from "./run-output.ts";
import { startProgress } from "./run-progress.ts";
import { exitCodeOfRun, jsonLine, type RunReport, readReport, summaryText } from "./run-report.ts";
import { type LoadedScript, loadScript, projectNameOf } from "./run-script.ts";
import { isOver, readRunState } from "./run-state.ts";
import { print, say } from "./terminal.ts";

/** The flags of `./orb run`, checked. */
export interface RunFlags extends OutputFlags {
  project?: string;
  limit?: number;
  data?: string;
  database?: string;
  allowAddress: string[];
  json: boolean;
}

/** Tasks per second and burst: far above what one machine can crawl, so there is no limit. */
const UNLIMITED = 1_000_000;
const RETRY_DELAYS_SECONDS = [1, 2, 4];
const CHECK_MS = 100;

/** Crawls until all tasks are done or a signal arrives; resolves to the exit code. */
export async function run(path: string, flags: RunFlags): Promise<number> {
  const { ORB_LOG_LEVEL: level = "warn" } = process.env;
  const env = readEngineEnv();
  const databaseUrl = flags.database ?? env.databaseUrl;
  if (databaseUrl !== undefined && flags.data !== undefined) {
    const remedy = "leave it out: the database of --database or ORB_DATABASE_URL keeps tasks and results";
    throw new UsageError("run", [{ path: "--data", value: flags.data, remedy }]);
  }
  const script = await loadScript(path);
  // Runs while the database is opened. A failure here occurs again at the first page and is reported there.
  prepareChildCode().catch(() => {});
  using directory = flags.data === undefined ? temporaryData() : { path: flags.data, remove() {}, [Symbol.dispose]() {} };
  const leftovers = [() => directory.remove()];
  using stop = abortOnSignals(() => {
    for (const remove of leftovers) remove();
  });
  using _lock = lockData(directory.path, "./orb run");
  using sink = openSink(flags);
  if (sink) leftovers.push(() => sink[Symbol.dispose]());
  const pageBudget = new PageBudget(flags.limit ?? Infinity);
  await using engine = await openEngine({
    ...{ ...env, databaseUrl, directory: directory.path, allowAddresses: flags.allowAddress },
    isDurable: flags.data !== undefined,
    scheduler: {
      defaultRetryDelaysSeconds: RETRY_DELAYS_SECONDS,
      // There is no other project that needs a share.
      credit: { ...schedulerDefaults.credit, tasksPerProject: schedulerDefaults.credit.tasks },
    },
    pageBudget,
    logOf: (role) => createLog(role, level),
  });
  const project = flags.project ?? projectNameOf(path);
  const report = await crawl(engine, { project, script, pageBudget, signal: stop.signal });
  if (sink) await writeResults(engine.database, project, sink, flags);
  say(summaryText(report, flags.out));
  if (flags.json) print(jsonLine(report));
  return exitCodeOfRun(report);
}

/** Standard output may be a terminal: only JSON can be written there with its control characters escaped. */
function openSink({ out, json, ...flags }: RunFlags): ResultSink | undefined {
  if (out !== undefined) return openResultFile(out);
  const format = formatOf(flags);
  if (format === "csv" || format === "xlsx") {
    throw new UsageError("run", [{ path: "--format", value: format, remedy: "add --out FILE: this format is written to a file only" }]);
  }
  return json ? undefined : stdoutSink();
}

function temporaryData() {
  const path = mkdtempSync(join(tmpdir(), "orb-run-"));
  // After a second Ctrl-C the database's server still ends while its files are removed.
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 10 });
  return { path, remove, [Symbol.dispose]: remove };
}

interface Crawl {
  project: string;
  script: LoadedScript;
  pageBudget: PageBudget;
  signal: AbortSignal;
}

/** Starts the project and works until all its tasks are done, or the signal aborts. */
async function crawl(engine: Engine, { project, script, pageBudget, signal }: Crawl): Promise<RunReport> {
  const { database } = engine;
  const since = Date.now() / 1_000;
  await putProject(database, project, {
    changes: { status: "RUNNING", rate: UNLIMITED, burst: UNLIMITED, script },
    defaults: { rate: UNLIMITED, burst: UNLIMITED },
  });
  await addToInbox(database, { kind: "follows", project, follows: [startTask] });
  const done = new AbortController();
  const pauses = new PauseWatch(say);
  const watch = async (stopped: AbortSignal) => {
    using progress = startProgress(since);
    for (; !stopped.aborted; await delay(CHECK_MS, undefined, { signal: stopped }).catch(() => {})) {
      // Running tasks are unfinished after a signal, so the wait for the end is cancelled without an error.
      if (!progress.isDue() && (await hasMessages(engine.queues))) continue;
      // Read before the state: the tasks that spent the budget are in flight in that state.
      const isOverLimit = pageBudget.left === 0;
      const state = await readRunState(database, project);
      progress.show(state);
      pauses.note(state, Date.now() / 1_000);
      if (pauses.isHopeless || isOver(state, isOverLimit)) done.abort();
    }
  };
  await engine.run(AbortSignal.any([signal, done.signal]), { watch });
  return readReport(database, project, {
    since,
    isInterrupted: signal.aborted && !done.signal.aborted,
    isGivenUp: pauses.isHopeless,
  });
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readEnv } from "../core/env.ts";
import { createLog } from "../core/log.ts";
import { abortOnSignals } from "../core/signals.ts";
import { startTask } from "../core/start-task.ts";
import { addToInbox } from "../core/store/inbox.ts";
import { putProject } from "../core/store/projects.ts";
import { isOver, readRunState } from "../core/store/run-state.ts";
import { schedulerDefaults } from "../scheduler/env.ts";
import { lockData } from "./data-lock.ts";
import { type Engine, openEngine } from "./engine.ts";
import { engineEnv } from "./env.ts";
import { openResultFile, type ResultSink, stdoutSink, writeResults } from "./run-output.ts";
import { startProgress } from "./run-progress.ts";
import { exitCodeOfRun, jsonLine, type RunReport, readReport, summaryText } from "./run-report.ts";
import { type LoadedScript, loadScript, projectNameOf } from "./run-script.ts";

/** The flags of `./orb run`, checked. */
export interface RunFlags {
  project?: string;
  limit?: number;
  out?: string;
  data?: string;
  allowAddress: string[];
  json: boolean;
}

/** Tasks a second and at once: far above what one machine can crawl, so no limit. */
const UNLIMITED = 1_000_000;
const RETRY_DELAYS_SECONDS = [1, 2, 4];
const CHECK_MS = 100;

/** Crawls until nothing is left to do, or a signal comes; resolves to the exit code. */
export async function run(path: string, flags: RunFlags): Promise<number> {
  const { ORB_LOG_LEVEL: level = "warn" } = process.env;
  const { chromiumPath } = readEnv(engineEnv);
  const script = await loadScript(path);
  using directory = flags.data === undefined ? temporaryData() : { path: flags.data, remove() {}, [Symbol.dispose]() {} };
  const leftovers = [() => directory.remove()];
  using stop = abortOnSignals(() => {
    for (const remove of leftovers) remove();
  });
  using _lock = lockData(directory.path, "./orb run");
  using sink = openSink(flags);
  if (sink) leftovers.push(() => sink[Symbol.dispose]());
  const pageBudget = flags.limit === undefined ? undefined : { left: flags.limit };
  await using engine = await openEngine({
    directory: directory.path,
    allowAddresses: flags.allowAddress,
    chromiumPath,
    scheduler: {
      defaultRetryDelaysSeconds: RETRY_DELAYS_SECONDS,
      failuresToPause: 0,
      // There is no other project to leave room for.
      credit: { ...schedulerDefaults.credit, tasksPerProject: schedulerDefaults.credit.tasks },
      ...(pageBudget ? { pageBudget } : {}),
    },
    logOf: (role) => createLog(role, level),
  });
  const project = flags.project ?? projectNameOf(path);
  const report = await crawl(engine, {
    project,
    script,
    isOverLimit: () => pageBudget !== undefined && pageBudget.left <= 0,
    signal: stop.signal,
  });
  if (sink) await writeResults(engine.database, project, sink);
  process.stderr.write(summaryText(report, flags.out));
  if (flags.json) process.stdout.write(jsonLine(report));
  return exitCodeOfRun(report);
}

function openSink({ out, json }: RunFlags): ResultSink | undefined {
  if (out !== undefined) return openResultFile(out);
  return json ? undefined : stdoutSink();
}

function temporaryData() {
  const path = mkdtempSync(join(tmpdir(), "orb-run-"));
  const remove = () => rmSync(path, { recursive: true, force: true });
  return { path, remove, [Symbol.dispose]: remove };
}

interface Crawl {
  project: string;
  script: LoadedScript;
  isOverLimit: () => boolean;
  signal: AbortSignal;
}

/** Starts the project and works until it is over, or the signal aborts. */
async function crawl(engine: Engine, { project, script, isOverLimit, signal }: Crawl): Promise<RunReport> {
  const { database } = engine;
  const since = Date.now() / 1_000;
  await putProject(database, project, {
    changes: { status: "RUNNING", rate: UNLIMITED, burst: UNLIMITED, script },
    defaults: { rate: UNLIMITED, burst: UNLIMITED },
  });
  await addToInbox(database, { kind: "follows", project, follows: [startTask] });
  const done = new AbortController();
  const watch = async (stopped: AbortSignal) => {
    using progress = startProgress(since);
    for (; !stopped.aborted; await delay(CHECK_MS, undefined, { signal: stopped }).catch(() => {})) {
      // What is under way is not over; the database has other things to do than to say so.
      if (!progress.isDue() && (await isUnderWay(engine))) continue;
      const state = await readRunState(database, project);
      progress.show(state);
      if (isOver(state, isOverLimit())) done.abort();
    }
  };
  await engine.run(AbortSignal.any([signal, done.signal]), { watch });
  return readReport(database, project, { since, isInterrupted: signal.aborted && !done.signal.aborted });
}

async function isUnderWay({ queues }: Engine): Promise<boolean> {
  return Object.values(await queues.depth()).some(({ ready, leased }) => ready + leased > 0);
}

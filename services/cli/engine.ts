import { join } from "node:path";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import { createMemoryQueues } from "../core/queue/memory.ts";
import type { Queues } from "../core/queue/queue.ts";
import type { Log } from "../core/runtime/log.ts";
import { carryOver } from "../core/store/carry-over.ts";
import { startEmbedded } from "../core/store/embedded.ts";
import { connectPostgres, type PostgresOptions } from "../core/store/postgres.ts";
import type { Database } from "../core/store/sql.ts";
import { runFetcher } from "../fetcher/run.ts";
import { fetcherDefaults } from "../fetcher/settings.ts";
import { processorDefaults } from "../processor/env.ts";
import { runProcessor } from "../processor/run.ts";
import { resultWorkerDefaults } from "../result-worker/env.ts";
import { runResultWorker } from "../result-worker/run.ts";
import { schedulerDefaults } from "../scheduler/env.ts";
import type { PageBudget } from "../scheduler/page-budget.ts";
import { runScheduler } from "../scheduler/run.ts";
import type { SchedulerSettings } from "../scheduler/settings.ts";
import { createLazyRenderer, type LazyRenderer } from "./lazy-renderer.ts";
import { type RoleRun, superviseRoles } from "./supervise-roles.ts";
import { say } from "./terminal.ts";

export interface EngineOptions {
  /** A data directory that this process holds the lock of. */
  directory: string;
  /** Of a Postgres that is used instead of the embedded one. */
  databaseUrl?: string | undefined;
  /** Whether the embedded database survives a power cut. Default: true. */
  isDurable?: boolean;
  /** Ranges of private addresses that may be crawled. */
  allowAddresses: string[];
  /** Absent: the usual names are tried. */
  chromiumPath?: string | undefined;
  /** Where they differ from the defaults. */
  scheduler?: Partial<SchedulerSettings>;
  /** Absent: no limit. */
  pageBudget?: PageBudget;
  logOf: (role: string) => Log;
}

/** All roles in one process, on one database and queues in memory. Dispose it after `run` has settled. */
export interface Engine extends AsyncDisposable {
  database: Database;
  /** The same through connections of its own, with a limit for each statement: users' requests hold up no role. */
  webuiDatabase: Database;
  queues: Queues;
  /** Works until `signal` aborts, then drains, `first` before all others. Rejects when a role fails. Call it once. */
  run(signal: AbortSignal, first: Record<string, RoleRun>): Promise<void>;
}

/** Opens the database (making it if it is missing), and the queues; nothing works before `run`. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await using opening = new AsyncDisposableStack();
  const { connect, roles } = await openDatabase(options, opening);
  const database = await connect();
  const webuiDatabase = await connect({ statementMs: TIME_LIMITS.webuiStatementMs });
  const queues = opening.adopt(createMemoryQueues(), (opened) => opened.close());
  const renderer = opening.use(createLazyRenderer(options, options.logOf("renderer")));
  const stack = opening.move();
  return {
    ...{ database, webuiDatabase, queues },
    run: (signal, first) => superviseRoles({ ...first, ...rolesOf({ ...options, database, queues, renderer }), ...roles }, signal),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The pools that it opens are closed, and an embedded server is stopped, with `opening`. */
async function openDatabase({ directory, databaseUrl, isDurable = true }: EngineOptions, opening: AsyncDisposableStack) {
  const open = async () => {
    if (databaseUrl !== undefined) return { connect: (options?: PostgresOptions) => connectPostgres(databaseUrl, options), roles: {} };
    await carryOver(directory, say);
    const server = opening.use(await startEmbedded(join(directory, "database"), { isDurable }));
    return { connect: server.connect, roles: { database: server.watch } };
  };
  const { connect, roles } = await open();
  return {
    connect: async (options?: PostgresOptions) => opening.adopt(await connect(options), (database) => database.close()),
    /** Of an embedded server: fails when it does. */
    roles,
  };
}

interface Opened extends EngineOptions {
  database: Database;
  queues: Queues;
  renderer: LazyRenderer;
}

/** In the order of the pipeline, so that draining loses no work. */
function rolesOf({ allowAddresses, scheduler, pageBudget, logOf, database, queues, renderer }: Opened): Record<string, RoleRun> {
  const at = (role: string, signal: AbortSignal) => ({ database, queues, signal, log: logOf(role) });
  return {
    fetcher: (signal) =>
      runFetcher({ ...at("fetcher", signal), settings: { ...fetcherDefaults, allowAddresses, rendererUrl: renderer.url } }),
    renderer: (signal) => renderer.run(signal),
    processor: (signal) => runProcessor({ ...at("processor", signal), settings: processorDefaults }),
    "result-worker": (signal) => runResultWorker({ ...at("result-worker", signal), settings: resultWorkerDefaults }),
    scheduler: (signal) => runScheduler({ ...at("scheduler", signal), settings: { ...schedulerDefaults, ...scheduler }, pageBudget }),
  };
}

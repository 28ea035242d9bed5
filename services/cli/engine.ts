import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Log } from "../core/log.ts";
import { createMemoryQueues } from "../core/queue/memory.ts";
import type { Queues } from "../core/queue.ts";
import { serveRole } from "../core/role-server.ts";
import { openEmbedded } from "../core/store/embedded.ts";
import type { Database } from "../core/store/sql.ts";
import { runFetcher } from "../fetcher/run.ts";
import { fetcherDefaults } from "../fetcher/settings.ts";
import { processorDefaults } from "../processor/env.ts";
import { runProcessor } from "../processor/run.ts";
import { registerRenderRoute } from "../renderer/render-route.ts";
import { createRenderer, type Renderer } from "../renderer/renderer.ts";
import { runRenderer } from "../renderer/run.ts";
import { rendererDefaults } from "../renderer/settings.ts";
import { resultWorkerDefaults } from "../result-worker/env.ts";
import { runResultWorker } from "../result-worker/run.ts";
import { schedulerDefaults } from "../scheduler/env.ts";
import { runScheduler } from "../scheduler/run.ts";
import type { SchedulerSettings } from "../scheduler/settings.ts";
import { type RoleRun, runTogether } from "./run-together.ts";

export interface EngineOptions {
  /** A data directory that this process holds the lock of. */
  directory: string;
  /** Ranges of private addresses that may be crawled. */
  allowAddresses: string[];
  /** Where they differ from the defaults. */
  scheduler?: Partial<SchedulerSettings>;
  logOf: (role: string) => Log;
}

/** All roles in one process, on an embedded database and queues in memory. Dispose it after `run` has settled. */
export interface Engine extends AsyncDisposable {
  database: Database;
  queues: Queues;
  /** Works until `signal` aborts, then drains, `first` before all others. Rejects when one of them fails. Call it once. */
  run(signal: AbortSignal, first: Record<string, RoleRun>): Promise<void>;
}

/** Opens the database (making it if it is missing), and the queues; nothing works before `run`. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await using opening = new AsyncDisposableStack();
  const database = opening.adopt(await openEmbedded(join(options.directory, "postgres")), (opened) => opened.close());
  const queues = opening.adopt(createMemoryQueues(), (opened) => opened.close());
  const { renderer, rendererUrl } = await openRenderer(opening, options);
  const stack = opening.move();
  return {
    database,
    queues,
    run: (signal, first) => runTogether({ ...first, ...rolesOf({ ...options, database, queues, renderer, rendererUrl }) }, signal),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The renderer is asked over HTTP, as everywhere; Chromium starts with the first page that needs it. */
async function openRenderer(opening: AsyncDisposableStack, { allowAddresses, logOf }: EngineOptions) {
  const renderer = opening.use(createRenderer({ ...rendererDefaults, allowAddresses }, logOf("renderer")));
  const register = (app: FastifyInstance) => registerRenderRoute(app, renderer);
  const server = opening.use(await serveRole({ host: "127.0.0.1", port: 0, isReady: () => true, isConnected: () => true, register }));
  return { renderer, rendererUrl: `http://127.0.0.1:${server.port}` };
}

interface Opened extends EngineOptions {
  database: Database;
  queues: Queues;
  renderer: Renderer;
  rendererUrl: string;
}

/** In the order that work takes, so that it is drained along its way. */
function rolesOf({ allowAddresses, scheduler, logOf, database, queues, renderer, rendererUrl }: Opened): Record<string, RoleRun> {
  const at = (role: string, signal: AbortSignal) => ({ database, queues, signal, log: logOf(role) });
  return {
    fetcher: (signal) => runFetcher({ ...at("fetcher", signal), settings: { ...fetcherDefaults, allowAddresses, rendererUrl } }),
    renderer: (signal) => runRenderer({ ...at("renderer", signal), renderer }),
    processor: (signal) => runProcessor({ ...at("processor", signal), settings: processorDefaults }),
    "result-worker": (signal) => runResultWorker({ ...at("result-worker", signal), settings: resultWorkerDefaults }),
    scheduler: (signal) => runScheduler({ ...at("scheduler", signal), settings: { ...schedulerDefaults, ...scheduler } }),
  };
}

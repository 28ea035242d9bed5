import { once } from "node:events";
import { relative } from "node:path";
import { createLog } from "../core/runtime/log.ts";
import { abortOnSignals } from "../core/runtime/signals.ts";
import { readOrCreateToken } from "../core/runtime/token.ts";
import { withoutPassword } from "../core/store/errors.ts";
import { confinementHere } from "../sandbox/confinement/confinement.ts";
import { confinementText } from "../sandbox/confinement/report.ts";
import { DEFAULT_MAX_BURST, DEFAULT_MAX_RATE, type WebuiSettings } from "../webui/env.ts";
import { buildPages } from "../webui/pages-build.ts";
import { type RunningWebui, startWebui } from "../webui/run.ts";
import { lockData } from "./data-lock.ts";
import { type Engine, openEngine } from "./engine.ts";
import { readEngineEnv } from "./env.ts";
import { EXIT } from "./exit-codes.ts";
import { DEFAULT_DATA } from "./flags.ts";
import { freeMemoryAtRest } from "./memory-at-rest.ts";
import { print, say } from "./terminal.ts";

/** The flags of `./orb start`, checked. */
export interface StartFlags {
  port: number;
  data: string;
  database?: string;
  allowAddress: string[];
}

const HOST = "127.0.0.1";

/** Runs everything until a signal; resolves to the exit code. */
export async function start({ port, data, database, allowAddress }: StartFlags): Promise<number> {
  const env = readEngineEnv();
  const databaseUrl = database ?? env.databaseUrl;
  using stop = abortOnSignals();
  using lock = lockData(data, "./orb start");
  const adminToken = readOrCreateToken(data);
  if (!(await buildPages(say))) say("the web pages could not be built, see above; the REST API works without them");
  await using engine = await openEngine({
    ...{ ...env, databaseUrl, directory: data, allowAddresses: allowAddress },
    logOf: (role) => createLog(role),
  });
  await using webui = await openWebui(engine, { port, adminToken });
  lock.announce(webui.url);
  print(welcomeText({ url: webui.url, data, databaseUrl }));
  say(confinementText(await confinementHere()));
  await engine.run(stop.signal, {
    webui: (signal) => drainOnAbort(webui, signal),
    memory: (signal) => freeMemoryAtRest(engine.queues, signal),
  });
  say("stopped; ./orb start resumes the crawl");
  return EXIT.ok;
}

function openWebui(
  { webuiDatabase: database, queues }: Engine,
  { port, adminToken }: { port: number; adminToken: string },
): Promise<RunningWebui> {
  const settings: WebuiSettings = {
    ...{ host: HOST, port, adminToken, portSetting: "--port" },
    ...{ maxRate: DEFAULT_MAX_RATE, maxBurst: DEFAULT_MAX_BURST },
  };
  return startWebui({ database, queues, settings, log: createLog("webui") });
}

async function drainOnAbort(webui: RunningWebui, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
  say("stopping: finishing running tasks (Ctrl-C again stops immediately)");
  webui.drain();
}

/** Printed once all roles are ready. */
export function welcomeText({ url, data, databaseUrl }: { url: string; data: string; databaseUrl?: string | undefined }): string {
  const shown = relative(process.cwd(), data);
  const flag = shown === DEFAULT_DATA ? "" : ` --data ${shown.startsWith("..") ? data : shown}`;
  return [
    `Orbweaver is ready: ${url}`,
    `Log in with the token that ./orb token${flag} prints. The data is in ${databaseUrl === undefined ? data : withoutPassword(databaseUrl)}. Ctrl-C stops it.`,
    "",
  ].join("\n");
}

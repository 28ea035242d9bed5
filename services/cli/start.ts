import { once } from "node:events";
import { relative } from "node:path";
import { readEnv } from "../core/env.ts";
import { createLog } from "../core/log.ts";
import { abortOnSignals } from "../core/signals.ts";
import { readOrCreateToken } from "../core/token.ts";
import { DEFAULT_MAX_BURST, DEFAULT_MAX_RATE, type WebuiSettings } from "../webui/env.ts";
import { buildPages } from "../webui/pages-build.ts";
import { type RunningWebui, startWebui } from "../webui/run.ts";
import { lockData } from "./data-lock.ts";
import { type Engine, openEngine } from "./engine.ts";
import { engineEnv } from "./env.ts";
import { EXIT } from "./exit-codes.ts";
import { DEFAULT_DATA } from "./flags.ts";

/** The flags of `./orb start`, checked. */
export interface StartFlags {
  port: number;
  data: string;
  allowAddress: string[];
}

const HOST = "127.0.0.1";

/** Runs everything until a signal; resolves to the exit code. */
export async function start({ port, data, allowAddress }: StartFlags): Promise<number> {
  const { chromiumPath } = readEnv(engineEnv);
  using stop = abortOnSignals();
  using lock = lockData(data, "./orb start");
  const adminToken = readOrCreateToken(data);
  if (!(await buildPages(say))) say("the pages could not be built, see above; the REST API works without them");
  await using engine = await openEngine({ directory: data, allowAddresses: allowAddress, chromiumPath, logOf: (role) => createLog(role) });
  await using webui = await openWebui(engine, { port, adminToken });
  lock.announce(webui.url);
  process.stdout.write(welcomeText(webui.url, data));
  await engine.run(stop.signal, { webui: (signal) => drainOnAbort(webui, signal) });
  say("stopped; ./orb start goes on where it was");
  return EXIT.ok;
}

function openWebui({ database, queues }: Engine, { port, adminToken }: { port: number; adminToken: string }): Promise<RunningWebui> {
  const settings: WebuiSettings = {
    ...{ host: HOST, port, adminToken, portSetting: "--port" },
    ...{ maxRate: DEFAULT_MAX_RATE, maxBurst: DEFAULT_MAX_BURST },
  };
  return startWebui({ database, queues, settings, log: createLog("webui") });
}

async function drainOnAbort(webui: RunningWebui, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
  say("stopping: finishing what is under way (Ctrl-C again ends it at once)");
  webui.drain();
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** What is printed once everything works. */
export function welcomeText(url: string, data: string): string {
  const shown = relative(process.cwd(), data);
  const flag = shown === DEFAULT_DATA ? "" : ` --data ${shown.startsWith("..") ? data : shown}`;
  return [
    `Orbweaver is ready: ${url}`,
    `Log in with the token that ./orb token${flag} prints. Everything is kept in ${data}. Ctrl-C stops it.`,
    "",
  ].join("\n");
}

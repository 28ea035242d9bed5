import { readEnv } from "../core/runtime/env.ts";
import type { Log } from "../core/runtime/log.ts";
import { serveRole } from "../core/runtime/role-server.ts";
import { runMain } from "../core/runtime/run-main.ts";
import { rendererEnv } from "./env.ts";
import { ChromiumStartError } from "./errors.ts";
import { registerRenderRoute } from "./render-route.ts";
import { createRenderer } from "./renderer.ts";
import { runRenderer } from "./run.ts";

const unlessStart = (log: Log) => (error: unknown) => {
  if (!(error instanceof ChromiumStartError)) throw error;
  log.warn({ err: error }, "Chromium did not start yet");
};

await runMain("renderer", async (signal, log) => {
  const { host, port, renderer: settings } = readEnv(rendererEnv);
  await using renderer = createRenderer(settings, log);
  // On a busy host Chromium may start later; a system without sandbox support never allows one.
  if (settings.sandbox === "required") await renderer.start().catch(unlessStart(log));
  await using server = await serveRole({
    host,
    port,
    isConnected: () => true,
    register: (app) => registerRenderRoute(app, renderer),
  });
  signal.addEventListener("abort", () => server.drain());
  await runRenderer({ renderer, signal, log });
});

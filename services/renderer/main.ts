import { readEnv } from "../core/env.ts";
import { serveRole } from "../core/role-server.ts";
import { runMain } from "../core/run-main.ts";
import { rendererEnv } from "./env.ts";
import { registerRenderRoute } from "./render-route.ts";
import { createRenderer } from "./renderer.ts";
import { runRenderer } from "./run.ts";

await runMain("renderer", async (signal, log) => {
  const { host, port, renderer: settings } = readEnv(rendererEnv);
  await using renderer = createRenderer(settings, log);
  await using server = await serveRole({
    host,
    port,
    isReady: () => true,
    isConnected: () => true,
    register: (app) => registerRenderRoute(app, renderer),
  });
  signal.addEventListener("abort", () => server.drain());
  await runRenderer({ renderer, signal, log });
});

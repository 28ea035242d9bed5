import { once } from "node:events";
import type { Log } from "../core/runtime/log.ts";
import type { RendererSettings } from "../renderer/settings.ts";

type LazySettings = Pick<RendererSettings, "allowAddresses" | "chromiumPath">;

/** A renderer that starts on the first request for its address. Disposing closes what was opened. */
export interface LazyRenderer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; the first call loads the renderer and opens its port. */
  url(): Promise<string>;
  /** Serves until `signal` aborts, then drains. */
  run(signal: AbortSignal): Promise<void>;
}

/** Most crawls render no page, and loading the renderer costs as much as everything else in `./orb run`. */
export function createLazyRenderer(settings: LazySettings, log: Log): LazyRenderer {
  let opened: ReturnType<typeof open> | undefined;
  return {
    async url() {
      opened ??= open(settings, log);
      return (await opened).url;
    },
    async run(signal) {
      if (!signal.aborted) await once(signal, "abort");
      await (await opened)?.run(signal);
    },
    async [Symbol.asyncDispose]() {
      await (await opened)?.stack.disposeAsync();
    },
  };
}

async function open({ allowAddresses, chromiumPath }: LazySettings, log: Log) {
  const [{ serveRole }, { registerRenderRoute }, { createRenderer }, { runRenderer }, { rendererDefaults }] = await Promise.all([
    import("../core/runtime/role-server.ts"),
    import("../renderer/render-route.ts"),
    import("../renderer/renderer.ts"),
    import("../renderer/run.ts"),
    import("../renderer/settings.ts"),
  ]);
  await using opening = new AsyncDisposableStack();
  const renderer = opening.use(createRenderer({ ...rendererDefaults, allowAddresses, chromiumPath }, log));
  const server = opening.use(
    await serveRole({
      host: "127.0.0.1",
      port: 0,
      isConnected: () => true,
      register: (app) => registerRenderRoute(app, renderer),
    }),
  );
  return {
    url: `http://127.0.0.1:${server.port}`,
    run: (signal: AbortSignal) => runRenderer({ renderer, signal, log }),
    stack: opening.move(),
  };
}

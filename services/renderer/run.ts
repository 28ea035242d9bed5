import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import type { Log } from "../core/runtime/log.ts";
import type { Renderer } from "./renderer.ts";

const LOOK_MS = 50;

/** Serves until `signal` aborts, then lets running pages finish within the drain limit. The caller disposes `renderer`. */
export async function runRenderer({ renderer, signal, log }: { renderer: Renderer; signal: AbortSignal; log: Log }): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
  const deadline = performance.now() + TIME_LIMITS.drainMs;
  while (renderer.activeCount > 0 && performance.now() < deadline) await delay(LOOK_MS);
  if (renderer.activeCount > 0) log.warn({ pages: renderer.activeCount }, "pages were aborted");
}

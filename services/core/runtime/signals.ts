import { constants } from "node:os";

/** SIGHUP comes when a terminal is closed. */
const STOPPING = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Aborted by the first signal to stop; its `reason` is the signal's name. */
export interface StopSignal extends Disposable {
  signal: AbortSignal;
}

/**
 * Turns SIGTERM, SIGINT and SIGHUP into an abort. A second signal ends the process immediately with 128 + its number (130 for Ctrl-C).
 *
 * @param beforeExit runs synchronously before such an exit, to remove what must not stay behind.
 */
export function abortOnSignals(beforeExit: () => void = () => {}): StopSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) return controller.abort(name);
    beforeExit();
    process.exit(128 + constants.signals[name]);
  };
  for (const name of STOPPING) process.on(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of STOPPING) process.off(name, stop);
    },
  };
}

/** Resolves once `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })));
}

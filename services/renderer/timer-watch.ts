import type { Page as BrowserPage, Frame } from "puppeteer-core";
import { QUIET_MS } from "./quiet.ts";

/**
 * Runs in each frame before its own scripts: notes when its timers are due, in a function under a secret name. Native functions stay native for
 * everything that a page can see of them but their identity.
 */
export const timerScript = (key: string): string => `(${noteTimers.toString()})(${JSON.stringify(key)}, ${QUIET_MS});`;

function noteTimers(key: string, horizonMs: number): void {
  // A page that sets more timers is busy in any case.
  const most = 1_000;
  const due = new Map<unknown, number>();
  const now = performance.now.bind(performance);
  const prune = () => {
    for (const [id, at] of due) if (at < now()) due.delete(id);
  };
  const scope = globalThis as unknown as Record<string, (...values: unknown[]) => unknown>;
  const wrap = (name: string, note: (id: unknown, delayMs: number, first: unknown) => void) => {
    scope[name] = new Proxy(scope[name] as (...values: unknown[]) => unknown, {
      apply(native, self, values) {
        const id = Reflect.apply(native, self, values);
        note(id, Math.max(0, Number(values[1]) || 0), values[0]);
        return id;
      },
    });
  };
  wrap("setTimeout", (id, delayMs) => {
    if (delayMs > horizonMs) return;
    due.set(id, now() + delayMs);
    if (due.size > most) prune();
  });
  wrap("setInterval", (id, delayMs) => {
    if (delayMs <= horizonMs) due.set(id, Number.POSITIVE_INFINITY);
  });
  for (const name of ["clearTimeout", "clearInterval"]) wrap(name, (_nothing, _delay, id) => void due.delete(id));
  const hasPending = () => {
    prune();
    // The browser itself loads the next page after the delay of a refresh.
    const { document } = globalThis as unknown as { document: { querySelector(selector: string): unknown } };
    return due.size > 0 || document.querySelector('meta[http-equiv="refresh" i]') !== null;
  };
  Object.defineProperty(globalThis, key, { value: hasPending });
}

/** Whether a timer that was set for at most a second, or the load of another page, is pending in any frame. True if a frame does not answer. */
export async function hasPendingTimer(page: BrowserPage, key: string): Promise<boolean> {
  const expression = `window[${JSON.stringify(key)}]?.() ?? false`;
  const isPending = (frame: Frame) => frame.evaluate(expression).then(Boolean, () => true);
  return (await Promise.all(page.frames().map(isPending))).includes(true);
}

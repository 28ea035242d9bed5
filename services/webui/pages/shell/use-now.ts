import { useSyncExternalStore } from "react";

/** Between two renderings of a time that is shown as its distance from now. */
const EVERY_MS = 5_000;

const listeners = new Set<() => void>();
let now = Date.now();
let timer: number | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(tick, EVERY_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

/** Renders the component again every 5 s. Returns unix seconds. */
export function useNow(): number {
  useSyncExternalStore(subscribe, () => now);
  return Date.now() / 1_000;
}

/** One event stream for all paths that the page shows. It fills the store; paths that it does not send are polled. */
import { type Difference, withDifference } from "../../difference.ts";
import type { LiveEvent } from "../../live/topic.ts";
import { API_ROOT } from "./request.ts";
import { store } from "./store.ts";

/** Components of a page mount one after the other: a stream opens once for all of them. */
const SETTLE_MS = 50;
/** After a stream could not be opened. Meanwhile the page polls. */
const AGAIN_MS = 10_000;
/** The API sends a beat at least every 18 s. Without any, the connection is lost. */
const SILENCE_MS = 45_000;
/** As many as the API takes. */
const MAX_PATHS = 8;

/** How many components show a path. */
const wanted = new Map<string, number>();
/** The stream's value of each path; a path without one is polled. */
const values = new Map<string, unknown>();
const listeners = new Set<() => void>();
let source: EventSource | undefined;
let openFor = "";
let timer: number | undefined;
let watchdog: number | undefined;

/** Whether the stream sends this path now. */
export const isLive = (path: string): boolean => values.has(path);

export function subscribeToLive(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Asks for a path, until the returned function is called. */
export function watchPath(path: string): () => void {
  wanted.set(path, (wanted.get(path) ?? 0) + 1);
  openIn(SETTLE_MS);
  return () => {
    const left = (wanted.get(path) ?? 1) - 1;
    if (left > 0) wanted.set(path, left);
    else wanted.delete(path);
    openIn(SETTLE_MS);
  };
}

function openIn(ms: number): void {
  clearTimeout(timer);
  timer = window.setTimeout(open, ms);
}

/** Opens a stream for the wanted paths, unless it is open. A hidden page has none: over HTTP/1.1 a browser has six connections to a site. */
function open(): void {
  const paths = document.hidden ? [] : [...wanted.keys()].sort().slice(0, MAX_PATHS);
  const search = new URLSearchParams(paths.map((path) => ["path", path])).toString();
  if (search === openFor) return;
  close();
  if (paths.length === 0) return;
  openFor = search;
  source = new EventSource(`${API_ROOT}/events?${search}`);
  source.addEventListener("message", ({ data }) => {
    expectMore();
    take(JSON.parse(data as string) as LiveEvent);
  });
  source.addEventListener("beat", expectMore);
  source.addEventListener("error", giveUp);
  expectMore();
}

function expectMore(): void {
  clearTimeout(watchdog);
  watchdog = window.setTimeout(giveUp, SILENCE_MS);
}

/** The pages poll until a stream is open again. */
function giveUp(): void {
  close();
  openIn(AGAIN_MS);
}

function close(): void {
  clearTimeout(watchdog);
  source?.close();
  source = undefined;
  openFor = "";
  if (values.size === 0) return;
  values.clear();
  tellListeners();
}

function take(event: LiveEvent): void {
  const { path } = event;
  if ("failed" in event) {
    if (values.delete(path)) tellListeners();
    return;
  }
  const isNew = !values.has(path);
  const value = "value" in event ? event.value : withDifference(values.get(path), event.change as Difference);
  values.set(path, value);
  store.setQueryData([path], value);
  if (isNew) tellListeners();
}

function tellListeners(): void {
  for (const listener of listeners) listener();
}

document.addEventListener("visibilitychange", () => openIn(0));
// An open connection does not notice it. A web UI on the same machine still answers requests.
window.addEventListener("offline", giveUp);
window.addEventListener("online", () => openIn(0));

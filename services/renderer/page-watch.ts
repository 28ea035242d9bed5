/** What only the page itself knows: whether its scripts still wait for something, and whether anything would remain of it. */
import type { Page as BrowserPage, Frame } from "puppeteer-core";
import { longestPending, type Pending, QUIET_MS } from "./quiet.ts";

/**
 * Runs in each frame before its own scripts, and keeps a function under a secret name. Native functions stay native for everything that a page
 * can see of them but their identity.
 */
export const watchScript = (key: string): string => `(() => {
  const { requestIdleCallback } = globalThis;
  const wrap = ${wrap.toString()};
  const watches = [(${watchTimers.toString()})(wrap, ${QUIET_MS}), (${watchFrames.toString()})(wrap), (${watchOthers.toString()})(wrap)];
  (${keepAnswers.toString()})(${JSON.stringify(key)}, watches, requestIdleCallback);
})();`;

type Native = (...values: unknown[]) => unknown;
type Wrap = typeof wrap;

/** One kind of what scripts wait for. */
interface Watch {
  pending(): Pending;
  /** Ends it. False: something may remain. */
  end(): boolean;
}

function wrap(holder: object | undefined, name: string, apply: (native: Native, self: unknown, values: unknown[]) => unknown): void {
  const functions = holder as Record<string, Native> | undefined;
  const native = functions?.[name];
  if (functions && native) functions[name] = new Proxy(native, { apply });
}

function watchTimers(wrap: Wrap, horizonMs: number): Watch {
  // A page that sets more timers is busy in any case.
  const maxDue = 1_000;
  const maxIds = 100_000;
  const due = new Map<unknown, number>();
  const now = performance.now.bind(performance);
  const { setTimeout, clearTimeout } = globalThis as unknown as Record<string, Native>;
  const prune = () => {
    for (const [id, at] of due) if (at < now()) due.delete(id);
  };
  const note = (name: string, dueAt: (delayMs: number) => number) =>
    wrap(globalThis, name, (native, self, values) => {
      const id = Reflect.apply(native, self, values);
      const delayMs = Math.max(0, Number(values[1]) || 0);
      if (delayMs <= horizonMs) due.set(id, dueAt(delayMs));
      if (due.size > maxDue) prune();
      return id;
    });
  note("setTimeout", (delayMs) => now() + delayMs);
  note("setInterval", () => Number.POSITIVE_INFINITY);
  for (const name of ["clearTimeout", "clearInterval"])
    wrap(globalThis, name, (native, self, values) => {
      due.delete(values[0]);
      return Reflect.apply(native, self, values);
    });
  return {
    pending() {
      prune();
      return due.size > 0 ? "timer" : "nothing";
    },
    end() {
      // Timers and intervals of a window have ids from one sequence.
      const last = Number(setTimeout?.(() => {}));
      for (let id = 1; id <= Math.min(last, maxIds); id++) clearTimeout?.(id);
      return last <= maxIds;
    },
  };
}

function watchFrames(wrap: Wrap): Watch {
  const sets: { waiting: Set<unknown>; cancel: Native }[] = [];
  const note = (request: string, cancel: string) => {
    const waiting = new Set<unknown>();
    sets.push({ waiting, cancel: (globalThis as unknown as Record<string, Native>)[cancel] as Native });
    wrap(globalThis, request, (native, self, [callback, ...more]) => {
      if (typeof callback !== "function") return Reflect.apply(native, self, [callback, ...more]);
      const run = (...values: unknown[]) => {
        waiting.delete(id);
        return Reflect.apply(callback, globalThis, values);
      };
      const id = Reflect.apply(native, self, [run, ...more]);
      waiting.add(id);
      return id;
    });
    wrap(globalThis, cancel, (native, self, values) => {
      waiting.delete(values[0]);
      return Reflect.apply(native, self, values);
    });
  };
  note("requestAnimationFrame", "cancelAnimationFrame");
  note("requestIdleCallback", "cancelIdleCallback");
  return {
    pending: () => (sets.some(({ waiting }) => waiting.size > 0) ? "other" : "nothing"),
    end() {
      for (const { waiting, cancel } of sets) for (const id of waiting) cancel(id);
      return true;
    },
  };
}

/** What ends without a sign that is visible here, or outlives its page. */
function watchOthers(wrap: Wrap): Watch {
  let isUsed = false;
  const scope = globalThis as unknown as Record<string, { prototype: object } & object>;
  const methods: Record<string, string[]> = {
    ...{ IDBFactory: ["open", "databases"], CacheStorage: ["open", "match", "keys", "has"], ServiceWorkerContainer: ["register"] },
    ...{ IntersectionObserver: ["observe"], ResizeObserver: ["observe"], Scheduler: ["postTask", "yield"], Element: ["animate"] },
    ...{ SubtleCrypto: ["digest", "decrypt", "verify", "importKey"], Blob: ["text", "arrayBuffer", "stream"], LockManager: ["request"] },
    ...{
      FileReader: ["readAsText", "readAsArrayBuffer", "readAsDataURL"],
      MessagePort: ["postMessage"],
      BroadcastChannel: ["postMessage"],
    },
    ...{ StorageManager: ["getDirectory"], CookieStore: ["get", "getAll", "set"], RTCPeerConnection: ["createDataChannel"] },
  };
  const note = (holder: object | undefined, name: string) =>
    wrap(holder, name, (native, self, values) => {
      isUsed = true;
      return Reflect.apply(native, self, values);
    });
  for (const [type, names] of Object.entries(methods)) for (const name of names) note(scope[type]?.prototype, name);
  for (const name of ["compile", "instantiate", "compileStreaming", "instantiateStreaming"]) note(scope.WebAssembly, name);
  for (const name of ["createImageBitmap", "postMessage"]) note(globalThis, name);
  return { pending: () => (isUsed ? "other" : "nothing"), end: () => !isUsed };
}

function keepAnswers(key: string, watches: Watch[], requestIdle: Native): void {
  const scope = globalThis as unknown as Record<string, Native> & { name: string };
  const { document } = globalThis as unknown as { document: Record<string, Native> };
  const openDocument = document.open as Native;
  const maxIdleMs = 100;
  // Whatever had been queued before it has run by then.
  const idle = () => new Promise<{ didTimeout: boolean }>((resolve) => requestIdle(resolve, { timeout: maxIdleMs }));
  const pending = async () => {
    await idle();
    const { didTimeout } = await idle();
    const all = watches.map((watch) => watch.pending());
    // The browser itself loads the next page after the delay of a refresh.
    if (all.includes("timer") || document.querySelector?.('meta[http-equiv="refresh" i]')) return "timer";
    return didTimeout || all.includes("other") ? "other" : "nothing";
  };
  const leave = () => {
    if (!watches.map((watch) => watch.end()).every(Boolean)) return false;
    for (const name of ["localStorage", "sessionStorage"]) if (scope[name]?.length) return false;
    scope.name = "";
    // Removes all nodes and listeners, of the window too.
    Reflect.apply(openDocument, document, []);
    return true;
  };
  Object.defineProperty(globalThis, key, { value: (question: "pending" | "leave") => (question === "pending" ? pending() : leave()) });
}

const ask = (key: string, question: "pending" | "leave") => `window[${JSON.stringify(key)}]?.("${question}")`;

/** What the scripts in the frames of the page wait for, once they have done what they had queued. "timer" if a frame does not answer. */
export async function pendingOf(page: BrowserPage, key: string): Promise<Pending> {
  const pendingIn = (frame: Frame) =>
    frame.evaluate(ask(key, "pending")).then(
      (pending) => (pending ?? "nothing") as Pending,
      () => "timer" as const,
    );
  const frames = page.frames();
  const all = await Promise.all(frames.map(pendingIn));
  // A message from one frame to another is in no queue that can be asked.
  return longestPending(frames.length > 1 ? [...all, "other"] : all);
}

/**
 * Empties the document of a page where it is: timers, frame callbacks, listeners and nodes.
 *
 * @returns false if something may remain: other frames, workers, stored data.
 */
export async function emptyDocument(page: BrowserPage, key: string): Promise<boolean> {
  if (page.frames().length > 1 || page.workers().length > 0) return false;
  return (await page.evaluate(ask(key, "leave"))) === true;
}

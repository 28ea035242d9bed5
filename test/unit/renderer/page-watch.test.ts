/** The functions that run in pages, in a context that has what they use of a window. */
import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { watchScript } from "../../../services/renderer/page-watch.ts";

interface Window {
  pending(): Promise<string>;
  leave(): boolean;
  /** Evaluates an expression as the page's own script. */
  run(source: string): unknown;
  /** Calls the frame callbacks. */
  frame(): void;
}

function openWindow(): Window {
  const frames: (() => void)[] = [];
  const cancelled: unknown[] = [];
  let isEmpty = false;
  class IDBFactory {
    open() {}
  }
  const scope = vm.createContext({
    ...{
      setTimeout: () => 7,
      setInterval: () => 8,
      clearTimeout: (id: unknown) => cancelled.push(id),
      clearInterval: () => {},
      performance,
    },
    requestAnimationFrame: (callback: () => void) => frames.push(callback),
    cancelAnimationFrame: () => {},
    requestIdleCallback: (callback: (deadline: object) => void) => callback({ didTimeout: false }),
    cancelIdleCallback: () => {},
    ...{ IDBFactory, indexedDB: new IDBFactory(), localStorage: {}, sessionStorage: { length: 0 }, cancelled },
    document: { querySelector: () => null, open: () => (isEmpty = true) },
  });
  vm.runInContext(watchScript("key"), scope);
  const run = (source: string) => vm.runInContext(source, scope);
  return {
    pending: () => run('key("pending")') as Promise<string>,
    leave: () => run('key("leave")') === true && isEmpty,
    run,
    frame() {
      for (const callback of frames.splice(0)) callback();
    },
  };
}

test("a page without scripts waits for nothing, and leaves nothing", async () => {
  const { pending, leave } = openWindow();

  assert.equal(await pending(), "nothing");
  assert.equal(leave(), true);
});

test("a page waits for its short timers until they are cleared, and not for long ones", async () => {
  const { pending, run } = openWindow();

  run("setTimeout(() => {}, 5000)");
  assert.equal(await pending(), "nothing");
  run("setTimeout(() => {}, 1000)");
  assert.equal(await pending(), "timer");
  run("clearTimeout(7); setInterval(() => {}, 200)");
  assert.equal(await pending(), "timer");
  run("clearInterval(8)");
  assert.equal(await pending(), "nothing");
});

test("a page waits for its next frame, and for what ends without a sign", async () => {
  const { pending, run, frame } = openWindow();

  run("requestAnimationFrame(() => {})");
  assert.equal(await pending(), "other");
  frame();
  assert.equal(await pending(), "nothing");
  run("indexedDB.open('a')");
  assert.equal(await pending(), "other");
});

test("a page that is left loses its timers, and one that has stored something is not left in place", () => {
  const plain = openWindow();
  const storing = openWindow();
  const database = openWindow();
  storing.run("localStorage.length = 1");
  database.run("indexedDB.open('a')");

  assert.deepEqual([plain.leave(), storing.leave(), database.leave()], [true, false, false]);
  assert.equal(plain.run("String(cancelled)"), "1,2,3,4,5,6,7");
});

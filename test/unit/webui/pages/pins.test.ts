import assert from "node:assert/strict";
import { test } from "node:test";
import { readPins, writePins } from "../../../../services/webui/pages/debugger/pins.ts";

function storageOf(texts: Record<string, string> = {}) {
  const map = new Map(Object.entries(texts));
  return {
    getItem: (name: string) => map.get(name) ?? null,
    setItem: (name: string, text: string) => void map.set(name, text),
    removeItem: (name: string) => void map.delete(name),
    map,
  };
}
const follow = { taskid: "t", url: "http://a.test/", process: { callback: "page" }, save: 1 };
const step = { id: 3, url: "http://a.test/", callback: "page", follow };

test("pinned steps are kept for their project, without reports", () => {
  const storage = storageOf();

  writePins(storage, "books", [
    { ...step, isPinned: true, report: {} as never },
    { ...step, id: 4 },
  ]);

  assert.deepEqual(readPins(storage, "books"), [{ url: "http://a.test/", callback: "page", follow }]);
  assert.deepEqual(readPins(storage, "other"), []);
});

test("without pinned steps nothing is kept, and what is not ours is left out", () => {
  const storage = storageOf({ "pins:books": '[{"url":1},null,{"url":"http://a/","callback":"b"}]', "pins:bad": "{" });

  assert.deepEqual([readPins(storage, "books"), readPins(storage, "bad")], [[{ url: "http://a/", callback: "b" }], []]);
  writePins(storage, "books", [step]);
  assert.equal(storage.map.has("pins:books"), false);
});

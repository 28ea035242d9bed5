import assert from "node:assert/strict";
import { test } from "node:test";
import { readDraft, writeDraft } from "../../../../services/webui/pages/project/draft.ts";

function storage(setItem?: () => void) {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: setItem ?? ((key: string, value: string) => void kept.set(key, value)),
    removeItem: (key: string) => void kept.delete(key),
  };
}

test("a draft is kept by project until it is removed", () => {
  const texts = storage();
  writeDraft(texts, "books", { text: "mine", sourceHash: "aa" });

  assert.deepEqual([readDraft(texts, "books"), readDraft(texts, "other")], [{ text: "mine", sourceHash: "aa" }, undefined]);
  writeDraft(texts, "books", undefined);
  assert.deepEqual([readDraft(texts, "books"), texts.kept.size], [undefined, 0]);
});

test("what is no draft is ignored, and a browser without room keeps none", () => {
  const texts = storage();
  texts.kept.set("draft:a", "{");
  texts.kept.set("draft:b", '{"text":1}');
  const full = storage(() => {
    throw new Error("quota");
  });
  writeDraft(full, "books", { text: "mine", sourceHash: "aa" });

  assert.deepEqual([readDraft(texts, "a"), readDraft(texts, "b"), readDraft(full, "books")], [undefined, undefined, undefined]);
});

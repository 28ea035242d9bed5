import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { MAX_SCRIPT_BYTES } from "../../../services/core/queue/queue.ts";
import { ScriptSource } from "../../../services/processor/script-source.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const SCRIPT = "(function (orbweaver) { return 1; })";
const HASH = sha256(SCRIPT);

/** A queue server that answers with `answers`, the last of them again and again. */
const serving = (...answers: (string | undefined)[]) => {
  let asked = 0;
  const getScript = async () => answers[Math.min(asked++, answers.length - 1)];
  return Object.assign(new ScriptSource({ getScript }), { asked: () => asked });
};

for (const [kind, text] of [
  ["another script", "(function (orbweaver) { return 2; })"],
  ["the script with one more space", `${SCRIPT} `],
  ["the script without its last character", SCRIPT.slice(0, -1)],
  ["an empty text", ""],
  ["half a surrogate pair, which has the bytes of U+FFFD", "\ud800"],
] as const) {
  test(`${kind} under the script's hash is not run`, async () => {
    const scripts = serving(text);

    await assert.rejects(scripts.get(HASH), { code: "E_SCRIPT_HASH", retryable: true });
  });
}

test("a script above the maximum size is not run, whatever its hash", async () => {
  const text = "x".repeat(MAX_SCRIPT_BYTES + 1);

  await assert.rejects(serving(text).get(sha256(text)), { code: "E_SCRIPT_HASH" });
});

test("after a script did not match its hash, the next task requests it again", async () => {
  const scripts = serving("forged", SCRIPT);
  await scripts.get(HASH).catch(() => {});

  assert.equal(await scripts.get(HASH), SCRIPT);
});

test("simultaneous tasks fetch a script once", async () => {
  const scripts = serving(SCRIPT);

  const found = await Promise.all([scripts.get(HASH), scripts.get(HASH)]);
  found.push(await scripts.get(HASH));

  assert.deepEqual(found, [SCRIPT, SCRIPT, SCRIPT]);
  assert.equal(scripts.asked(), 1);
});

/** How often each script was read, after all were used in this order. */
async function readsOf(order: string[]): Promise<Record<string, number>> {
  const texts = new Map(order.map((text) => [sha256(text), text]));
  const reads: Record<string, number> = {};
  const getScript = async (hash: string) => {
    const text = texts.get(hash) ?? "";
    reads[text.slice(0, 2)] = (reads[text.slice(0, 2)] ?? 0) + 1;
    return text;
  };
  const scripts = new ScriptSource({ getScript });
  for (const text of order) await scripts.get(sha256(text));
  return reads;
}

test("two of the largest scripts are kept; for a third the one makes room that was used longest ago", async () => {
  const [a, b, c] = ["a", "b", "c"].map((letter) => letter.repeat(MAX_SCRIPT_BYTES)) as [string, string, string];

  assert.deepEqual(await readsOf([a, b, a, c, a, b]), { aa: 1, bb: 2, cc: 1 });
});

test("64 scripts are kept, however small; an empty one is a script", async () => {
  const many = Array.from({ length: 64 }, (_, n) => String(n + 10));

  assert.deepEqual(await readsOf([...many, ...many]), Object.fromEntries(many.map((text) => [text, 1])));
  assert.deepEqual(await readsOf(["", ...many, ""]), { "": 2, ...Object.fromEntries(many.map((text) => [text, 1])) });
});

/** Queries as they are found in links: with escapes that are cut, and bytes of other encodings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ScriptUrlSearchParams } from "../../../../services/sandbox/child/url.ts";
import { anyText, textOf } from "../../../fixtures/arbitraries.ts";
import { connectTestHost } from "../../../fixtures/script-host.ts";

const NodeSearchParams = globalThis.URLSearchParams;
connectTestHost();

/** Whole, cut, overlong and surrogate sequences of UTF-8, a byte order mark, and what separates pairs. */
const QUERY_WORDS = [
  ...["%", "%z", "%zz", "%4", "%41", "%E4", "%C3%A4", "%c3", "%F0%9F%98%80", "%F0%9F", "%ED%A0%80", "%C0%80", "%EF%BB%BF", "%FF%FE", "%00"],
  ...["+", "%2B", "&", "=", "?", "#", "a", "ä", "\ud800", "%25zz"],
];

const assertAlike = (ours: ScriptUrlSearchParams, theirs: URLSearchParams) => {
  assert.deepEqual([...ours], [...theirs]);
  assert.equal(String(ours), String(theirs));
};

test("any query is read and written as Node does", () => {
  fc.assert(
    fc.property(textOf(QUERY_WORDS, 12), (query) => {
      assertAlike(new ScriptUrlSearchParams(query), new NodeSearchParams(query));
    }),
  );
});

test("any pairs and any changes of them lead to the pairs that Node has", () => {
  const change = fc.tuple(
    fc.constantFrom("append", "set", "delete", "get", "has", "getAll"),
    anyText(3),
    fc.option(anyText(3), { nil: undefined }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(anyText(3), anyText(3)), { maxLength: 3 }), fc.array(change, { maxLength: 4 }), (pairs, changes) => {
      const [ours, theirs] = [new ScriptUrlSearchParams(pairs), new NodeSearchParams(pairs)];

      for (const [name, key, value] of changes) {
        const answers = [ours, theirs].map((one) => one[name as "has"](key, value as string));
        assert.deepEqual(answers[0], answers[1]);
      }

      assertAlike(ours, theirs);
    }),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isStorable, toStorable } from "../../../../services/core/protocol/checks.ts";
import { anyText } from "../../../fixtures/arbitraries.ts";

test("any text becomes storable, with each character that databases refuse replaced by U+FFFD", () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const stored = toStorable(text);

      assert.ok(isStorable(stored));
      assert.equal(stored.length, text.length);
      for (const [at, unit] of stored.split("").entries()) assert.ok(unit === text[at] || unit === "\ufffd");
    }),
  );
});

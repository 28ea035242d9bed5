/** JSON with any integers, compared with Node's access to a number's source. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseJson } from "../../../services/sdk/exact-json.ts";
import { anyText } from "../../fixtures/arbitraries.ts";

/** A place in the text for each integer. */
const document = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.bigInt({ min: 2n ** 53n - 5n, max: 2n ** 53n + 5n }),
    fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e15, max: 1e15 }),
    anyText(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(anyText(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** Newer than the compiler's library. */
const { rawJSON, parse } = JSON as unknown as {
  rawJSON(text: string): object;
  parse(text: string, revive: (name: string, value: unknown, context: { source?: string }) => unknown): unknown;
};

const write = (value: unknown) => JSON.stringify(value, (_, one) => (typeof one === "bigint" ? rawJSON(String(one)) : one));

const expected = (text: string) =>
  parse(text, (_, value, { source }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && Number.isInteger(value) ? source : value,
  );

test("any integer comes out exactly, and all other values as from JSON.parse", () => {
  fc.assert(
    fc.property(document, (value) => {
      const text = write(value);

      assert.deepEqual(parseJson(text), expected(text));
    }),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { JSON_LIMITS, JsonLimitError, measureJson, parseJson } from "../../../../services/core/protocol/json-limits.ts";
import { JSON_SHAPES, usualJson } from "../../../fixtures/json-shapes.ts";

const EIGHT_MIB = 8 * 2 ** 20;
const ROOMY = { depth: 1_000, values: 1e9 };

test("every kind of value is counted, also names, and an object or a list counts as five", () => {
  const counts = ["1", '"a"', "true", "[]", "{}", '{"a":1}', '[1,[2],{"b":null}]', " [ 1 , -2.5e+3 ] ", '"\\"\\u0041"'].map(
    (text) => measureJson(text, ROOMY).values,
  );

  assert.deepEqual(counts, [1, 1, 1, 5, 5, 7, 19, 7, 1]);
});

for (const text of [
  ...["", " ", "{", "[", "]", "[1", "[1,]", "[,1]", "[1 2]", '{"a"}', '{"a":}', '{"a":1,}', "{a:1}", "{1:1}", "[}", "{]"],
  ...["01", "1.", ".5", "+1", "1e", "-", "NaN", "tru", "truefalse", '"', '"\\x"', '"\\u12g4"', '"\n"', '"a"b', "1 1", "[1]]"],
]) {
  test(`${JSON.stringify(text)} is not valid JSON, as in JSON.parse`, () => {
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.equal(measureJson(text, ROOMY).verdict, "invalid");
  });
}

test("the limits themselves are allowed, and one more is refused", () => {
  const limits = { depth: 3, values: 16 };

  assert.equal(measureJson("[[[1]]]", limits).verdict, "ok");
  assert.equal(measureJson("[[[1,2]]]", limits).verdict, "many");
  assert.equal(measureJson("[[[[]]]]", limits).verdict, "deep");
  assert.equal(measureJson('{"a":{"b":{"c":[]}}}', limits).verdict, "deep");
});

test("an answer of 8 MiB with 200,000 records is within the limit of a page", () => {
  const text = usualJson(EIGHT_MIB);

  assert.ok(JSON.parse(text).length > 180_000);
  assert.equal(measureJson(text, JSON_LIMITS.page).verdict, "ok");
});

test("shapes that need most memory to parse exceed the limit of a page, in proportion to their length", () => {
  // A sixteenth of 8 MiB, and of the limit: the shapes are the same.
  const limits = { ...JSON_LIMITS.page, values: JSON_LIMITS.page.values / 16 };
  const verdicts = Object.entries(JSON_SHAPES).map(([kind, make]) => [kind, measureJson(make(EIGHT_MIB / 16), limits).verdict]);

  assert.deepEqual(Object.fromEntries(verdicts), {
    "empty objects": "many",
    "empty lists": "many",
    "nesting of 100,000 levels": "deep",
    "towers of lists": "many",
    numbers: "many",
    "objects of one short name each": "many",
    "objects of one number each": "many",
    "one object of short names": "ok",
    "towers of objects": "many",
    texts: "ok",
    quotes: "ok",
    "letters beside one that takes two bytes": "ok",
  });
});

test("a text above a limit is not parsed", () => {
  const empties = `[${"{},".repeat(3_000)}{}]`;

  assert.throws(
    () => parseJson(empties, JSON_LIMITS.task),
    (error) => error instanceof JsonLimitError && error.verdict === "many",
  );
  assert.throws(() => parseJson("[".repeat(100_000), JSON_LIMITS.task), /nested deeper than 200 levels/);
  assert.throws(() => parseJson("[".repeat(250), JSON_LIMITS.task), /nested deeper than 200 levels/);
  assert.throws(() => parseJson(`${"[".repeat(201)}${"]".repeat(201)}`, JSON_LIMITS.task), /nested deeper than 200 levels/);
  assert.throws(() => parseJson("[", JSON_LIMITS.task), /not valid JSON/);
  assert.deepEqual(parseJson('{"a":[1]}', JSON_LIMITS.task), { a: [1] });
});

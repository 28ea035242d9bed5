import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB } from "../../../services/core/protocol/byte-units.ts";
import { isFullOfAnswers, leaseMax, roomBytes } from "../../../services/processor/hold-limits.ts";

const NOTHING = { leases: 0, bytes: 0, outputBytes: 0 };

for (const { title, held, average, max } of [
  { title: "nothing is held and pages are small", held: {}, average: 5_000, max: 512 },
  { title: "no page was seen yet", held: {}, average: undefined, max: 128 },
  { title: "500 small pages are held", held: { leases: 500, bytes: 500 }, average: 1, max: 12 },
  { title: "all bytes are taken", held: { leases: 6, bytes: 8 * MIB }, average: MIB, max: 0 },
  { title: "pages are large", held: { leases: 1, bytes: 2 * MIB }, average: 2 * MIB, max: 3 },
  { title: "one page is larger than everything", held: {}, average: 200 * MIB, max: 1 },
]) {
  test(`when ${title}, ${max} pages may be leased`, () => {
    assert.equal(leaseMax({ ...NOTHING, ...held }, average), max);
  });
}

test("large pages get the capacity that pages and answers leave", () => {
  assert.deepEqual([roomBytes({ ...NOTHING, bytes: 5 * MIB }), roomBytes({ ...NOTHING, bytes: 9 * MIB })], [3 * MIB, 0]);
});

test("with 4 MiB of waiting answers no more are read", () => {
  assert.deepEqual(
    [4 * MIB - 1, 4 * MIB].map((outputBytes) => isFullOfAnswers({ ...NOTHING, outputBytes })),
    [false, true],
  );
});

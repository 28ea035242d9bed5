import assert from "node:assert/strict";
import { test } from "node:test";
import { FOLLOW_LIMITS, packFollows, unpackFollows } from "../../../../services/core/protocol/follow-list.ts";
import type { Follow } from "../../../../services/core/protocol/task.ts";
import { taskidOfUrl } from "../../../../services/core/protocol/taskid.ts";

const identify = taskidOfUrl;
const process = { callback: "page" };
const follow = (url: string, more: Partial<Follow> = {}): Follow => ({ taskid: identify(url), url, process, ...more });
const backAndForth = (follows: Follow[]) =>
  unpackFollows(JSON.parse(JSON.stringify(packFollows(follows, { identify }))) as unknown, identify);

test("follows are the same after they were written in the short form", () => {
  const follows = [
    follow("http://a.test/page/1"),
    follow("http://a.test/page/12", { schedule: { itag: "2026-01-01" } }),
    follow("http://b.test/", { schedule: { itag: "x", age: 5 }, fetch: { headers: { a: "b" } }, save: null }),
    follow("http://b.test/?form", { taskid: "own" }),
    follow("http://b.test/😀", { save: { n: [1] }, process: { callback: "other", processTimeLimit: 3 } }),
    follow("http://b.test/😁", { schedule: {} }),
  ];

  assert.deepEqual(backAndForth(follows), follows);
});

test("50,000 entries of a sitemap take a third of 8 MiB", () => {
  const follows = Array.from({ length: 50_000 }, (_, n) =>
    follow(`https://www.shop.test/catalogue/some-category/product-with-a-long-name-${n}.html`, {
      schedule: { itag: `2026-01-01T00:00:${n}` },
    }),
  );

  const packed = packFollows(follows, { identify });

  assert.equal(packed.items.length, follows.length);
  assert.ok(JSON.stringify(packed).length < 2_800_000, String(JSON.stringify(packed).length));
});

test("as many follows are written as the length allows, from the first on", () => {
  const follows = Array.from({ length: 1_000 }, (_, n) => follow(`http://a.test/${n}`));

  const packed = packFollows(follows, { identify, maxLength: 5_000 });

  assert.ok(packed.items.length > 200 && packed.items.length < 1_000, String(packed.items.length));
  assert.ok(JSON.stringify(packed).length <= 5_000 + 30);
  assert.equal(unpackFollows(packed, identify).at(-1)?.url, `http://a.test/${packed.items.length - 1}`);
});

test("a short list that would become too large is refused, and the script's own list ends before that", () => {
  const kinds = [{ process, fetch: { data: "x".repeat(60_000) } }];
  const items = Array.from({ length: 1_000 }, (_, n) => [0, `http://a.test/${n}`, 0]);
  const follows = items.map(([, url]) => ({ ...follow(url as string), ...kinds[0] }));

  assert.throws(() => unpackFollows({ kinds, items }, identify), /characters/);
  const { items: kept } = packFollows(follows as Follow[], { identify });
  assert.ok(kept.length > 500 && kept.length < 600, String(kept.length));
});

const tooMany = Array.from({ length: FOLLOW_LIMITS.count + 1 }, () => [0, "http://a.test/", 0]);
for (const [title, list] of [
  ["no object", 7],
  ["no items", { kinds: [] }],
  ["items that are texts", { kinds: [{ process }], items: ["http://a.test/"] }],
  ["a kind that is missing", { kinds: [{ process }], items: [[0, "http://a.test/", 1]] }],
  ["a kind that is null", { kinds: [null], items: [[0, "http://a.test/", 0]] }],
  ["a kind that is no number", { kinds: [{ process }], items: [[0, "http://a.test/", "length"]] }],
  ["a beginning that no URL before has", { kinds: [{ process }], items: [[3, "http://a.test/", 0]] }],
  ["a negative beginning", { kinds: [{ process }], items: [[-1, "http://a.test/", 0]] }],
  ["an id that is a number", { kinds: [{ process }], items: [[0, "http://a.test/", 0, null, 7]] }],
  ["a field too many", { kinds: [{ process }], items: [[0, "http://a.test/", 0, null, null, 1, 2]] }],
  ["more follows than one run may request", { kinds: [{ process }], items: tooMany }],
] as const) {
  test(`a short list with ${title} is refused`, () => {
    assert.throws(() => unpackFollows(list, identify), Error);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyCollector, freeBody } from "../../../services/fetcher/body-collector.ts";

const LIMIT = 4_000_000;

for (const [name, sizes] of Object.entries({
  nothing: [],
  "one small chunk": [10],
  "many small chunks": Array(50).fill(100),
  "chunks that become large": Array(80).fill(50_000),
  "one large chunk": [LIMIT],
  "a large body that ends with a byte": [300_000, 1],
})) {
  test(`${name}: the body is all chunks in order`, () => {
    const collector = new BodyCollector(LIMIT);
    const chunks = sizes.map((size, index) => Buffer.alloc(size, index + 1));

    for (const chunk of chunks) collector.push(chunk);

    assert.ok(collector.take().equals(Buffer.concat(chunks)));
    assert.equal(collector.take().length, 0);
  });
}

test("the body shares no memory with the chunks", () => {
  const collector = new BodyCollector(LIMIT);
  const chunk = Buffer.alloc(300_000, "a");
  collector.push(chunk);

  chunk.fill("b");

  assert.equal(collector.take().toString("latin1", 0, 3), "aaa");
});

test("a large body can be freed at once, and freeing a small one has no effect", () => {
  const [large, small] = [300_000, 10].map((size) => {
    const collector = new BodyCollector(LIMIT);
    collector.push(Buffer.alloc(size, "a"));
    return collector.take();
  }) as [Buffer, Buffer];

  freeBody(large);
  freeBody(small);

  assert.equal(large.length, 0);
  assert.equal(small.toString(), "a".repeat(10));
});

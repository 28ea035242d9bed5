/** Which answers of the web UI are compressed. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { before, test } from "node:test";
import { createGunzip, gunzipSync, gzipSync } from "node:zlib";
import { addResults, SCRIPT, TOKEN } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile({ hasPages: true });

before(async () => {
  await webui.request("PUT", "/projects/books", { script: `${SCRIPT}// ${"long ".repeat(400)}` });
  await addResults(store.database, "books", 20_000);
});

/** The answer as it was sent. */
async function ask(path: string, encodings?: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(encodings ? { "accept-encoding": encodings } : {}) };
  const [answer] = await once(get(webui.url + path, { headers }), "response");
  return answer as IncomingMessage;
}
const bytesOf = async (answer: IncomingMessage) => Buffer.concat(await answer.toArray());

test("an answer of more than 1 KiB is compressed for a client that accepts gzip, and no other answer is", async () => {
  const large = await ask("/api/v1/projects/books", "gzip, br");
  const small = await ask("/api/v1/session", "gzip");
  const plain = await ask("/api/v1/projects/books");

  const text = gunzipSync(await bytesOf(large)).toString();
  assert.deepEqual([large.headers["content-encoding"], large.headers.vary], ["gzip", "accept-encoding"]);
  assert.equal(text, (await bytesOf(plain)).toString());
  assert.equal(small.headers["content-encoding"], undefined);
  assert.equal(plain.headers["content-encoding"], undefined);
  small.resume();
});

for (const format of ["json", "jsonl", "csv", "txt"])
  test(`an export as ${format} is compressed while it streams`, async () => {
    const path = `/api/v1/projects/books/results?format=${format}`;
    const answer = await ask(path, "gzip");

    let pieces = 0;
    const unzipped = answer.on("data", () => pieces++).pipe(createGunzip());
    const text = Buffer.concat(await unzipped.toArray());

    assert.equal(answer.headers["content-encoding"], "gzip");
    assert.equal(answer.headers["content-length"], undefined);
    assert.ok(pieces > 4, `${pieces} pieces`);
    assert.deepEqual(text, await bytesOf(await ask(path)));
  });

test("a compressed body is refused: body limits count the bytes that are parsed", async () => {
  const answer = await fetch(`${webui.url}/api/v1/projects/shoes`, {
    method: "PUT",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", "content-encoding": "gzip" },
    body: gzipSync(JSON.stringify({ script: SCRIPT })),
  });

  assert.equal(answer.status, 400);
});

test("scripts of the pages were compressed when they were built, as brotli and as gzip", async () => {
  const html = (await bytesOf(await ask("/"))).toString();
  const [path = ""] = /\/assets\/index-[^"]+\.js/.exec(html) ?? [];

  const encodings = await Promise.all(
    ["br, gzip", "gzip", undefined].map(async (accepted) => {
      const answer = await ask(path, accepted);
      answer.resume();
      return [answer.headers["content-encoding"], answer.headers["cache-control"], answer.headers.vary];
    }),
  );

  const forever = "public, max-age=31536000, immutable";
  assert.deepEqual(encodings, [
    ["br", forever, "accept-encoding"],
    ["gzip", forever, "accept-encoding"],
    [undefined, forever, "accept-encoding"],
  ]);
});

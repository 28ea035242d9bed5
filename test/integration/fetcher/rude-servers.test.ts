import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { failureOf, startFetching, textOf } from "../../fixtures/fetching.ts";
import {
  ODD_ANSWERS,
  PATIENT_SECONDS,
  RUDE_ANSWERS,
  rudeCodeOf,
  SHORT_SECONDS,
  startRudeServer,
  TRICKLES,
} from "../../fixtures/rude-server.ts";

for (const name of Object.keys(RUDE_ANSWERS)) {
  const code = rudeCodeOf(name);
  test(`an answer with ${name} fails with ${code}, and the next page is fetched`, async () => {
    await using rude = await startRudeServer();
    await using fetching = await startFetching();

    const page = await fetching.get(rude.urlOf(name), { timeout: code === "E_FETCH_TIMEOUT" ? SHORT_SECONDS : PATIENT_SECONDS });
    const next = await fetching.get("/page/1");

    const error = failureOf(page);
    assert.deepEqual([error.code, next.statusCode], [code, 200], error.message);
  });
}

for (const name of Object.keys(TRICKLES)) {
  test(`an answer with ${name} fails at the task's time limit`, async () => {
    await using rude = await startRudeServer();
    await using fetching = await startFetching();

    const error = failureOf(await fetching.get(rude.urlOf(name), { timeout: 0.3 }));

    assert.equal(error.code, "E_FETCH_TIMEOUT");
  });
}

for (const name of Object.keys(ODD_ANSWERS)) {
  test(`an answer with ${name} is parsed as browsers parse it`, async () => {
    await using rude = await startRudeServer();
    await using fetching = await startFetching();

    const page = await fetching.get(rude.urlOf(name), { timeout: PATIENT_SECONDS });

    assert.equal(textOf(page), "hi", page.error?.message ?? "it came");
  });
}

for (const [coding, compress] of [["gzip", gzipSync] as const, ["br", brotliCompressSync] as const]) {
  test(`a ${coding} stream that the server cut short is the page, with a warning`, async () => {
    const text = Array.from({ length: 2_000 }, (_, index) => index).join(" ");
    const body = compress(text).subarray(0, -40);
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`;
    await using server = await startServerOf({ "/": Buffer.concat([Buffer.from(head), body]) });
    await using fetching = await startFetching();

    const page = await fetching.get(server.url);

    assert.ok(textOf(page) !== text && text.startsWith(textOf(page)));
    assert.deepEqual(page.warnings, [`the server ended the ${coding} stream of the body early: the rest is missing`]);
  });
}

test("a body that ends early fails, or is the page with a warning if the task says so", async () => {
  await using site = await startCuttingServer();
  await using fetching = await startFetching();

  const failed = failureOf(await fetching.get(site.url));
  const page = await fetching.get(site.url, { partial: true });
  const chunks = await fetching.get(`${site.url}chunked`, { partial: true });
  const redirect = await fetching.get(`${site.url}redirect`);

  assert.equal(failed.code, "E_CONNECTION");
  assert.match(failed.message, /the body ended early \(4 of 9 bytes came\)\. To take what came, set partial to true/);
  assert.deepEqual([page.statusCode, textOf(page), page.warnings], [200, "half", ["the body ended early, after 4 bytes"]]);
  assert.deepEqual([textOf(chunks), chunks.warnings], ["half", ["the body ended early, after 4 bytes"]]);
  assert.match(failureOf(redirect).message, /the body ended early/, "the redirect itself was followed");
});

/** Ends each connection in the middle of a body; `/redirect` leads to `/`. */
/** A server that sends an answer for each path, and then ends the connection. */
async function startServerOf(answers: Record<string, string | Buffer>) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      const path = bytes.toString().split(" ")[1] ?? "";
      socket.end(answers[path] ?? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

const startCuttingServer = () =>
  startServerOf({
    "/": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
    "/chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf",
    "/redirect": "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 9\r\n\r\nhalf",
  });

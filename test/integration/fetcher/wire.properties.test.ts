/** Invalid answers of servers: each becomes a page that every role accepts, or an error with its code. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { decodeMessage, encodeMessage } from "../../../services/core/queue/redis-encoding.ts";
import { createFetcher } from "../../../services/fetcher/fetcher.ts";
import { fetcherDefaults } from "../../../services/fetcher/settings.ts";
import { trackFetch } from "../../../services/processor/outcome.ts";
import { anyText, textOf } from "../../fixtures/arbitraries.ts";
import { LOOPBACK } from "../../fixtures/fetching.ts";
import { fetchOrder } from "../../fixtures/queue-messages.ts";

/** Answers every connection's first request with the bytes that were set last, and closes the connection. */
async function startBytesServer() {
  const sockets = new Set<Socket>();
  let answer: Buffer = Buffer.alloc(0);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/page`,
    answerWith: (bytes: Buffer) => {
      answer = bytes;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const NAMES = [
  ...[
    "Content-Type",
    "Content-Encoding",
    "Content-Length",
    "Content-Disposition",
    "Transfer-Encoding",
    "Connection",
    "Set-Cookie",
    "Location",
  ],
  ...["Retry-After", "ETag", "Last-Modified", "Link", "Server", "Date", "X-A", "__proto__", "constructor", "toString", "Vary"],
];
const VALUES = [
  "text/html",
  "; charset=",
  "utf-8",
  "gzip",
  "chunked",
  "close",
  "keep-alive",
  "a=1",
  "; Path=/",
  "/x",
  "//",
  "http://",
  "data:,",
  "W/",
  '"e"',
  "\xe9",
  "\xff",
  "120",
  "-1",
  "<a>; rel=next",
];
/** Valid header values: without a line end or NUL, which end the answer. */
const headerText = (text: string) => text.replace(/[\0\r\n]|[^\0-\xff]/g, "");

const line = fc
  .tuple(
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: anyText(5) }),
    textOf(VALUES, 4).map(headerText),
  )
  .map(([name, value]) => `${headerText(name)}: ${value}\r\n`);
const status = fc.constantFrom(200, 201, 204, 206, 301, 302, 303, 304, 307, 401, 404, 407, 429, 500, 503, 599, 999);
const answer = fc
  .tuple(status, fc.array(line, { maxLength: 5 }), fc.uint8Array({ maxLength: 40 }))
  .map(([code, lines, body]) => Buffer.concat([Buffer.from(`HTTP/1.1 ${code} OK\r\n${lines.join("")}\r\n`, "latin1"), body]));
const garbled = fc.oneof(
  { weight: 4, arbitrary: answer },
  { weight: 1, arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: textOf(["HTTP/1.1", " ", "200", "\r\n", ":", "0", "5", "chunked", ...NAMES]).map((text) => Buffer.from(text, "latin1")),
  },
);

test("any answer becomes a valid page message or an error with a code", async () => {
  await using server = await startBytesServer();
  await using fetcher = createFetcher({ ...fetcherDefaults, allowAddresses: LOOPBACK });
  const order = { ...fetchOrder("a"), url: server.url };
  const get = async (validators = {}) => {
    const budgetLease = fetcher.openBudgetLease();
    const fetch = { robotsTxt: false, maxRedirects: 0, timeout: 5 };
    return await fetcher.fetch({ url: server.url, fetch, validators }, budgetLease).finally(() => budgetLease.release());
  };

  await fc.assert(
    fc.asyncProperty(garbled, async (bytes) => {
      server.answerWith(bytes);

      const page = await get();

      assert.notEqual(page.error?.code, "E_INTERNAL", page.error?.message ?? "");
      const { text, bytes: content } = encodeMessage({ queue: "fetcher2processor", message: { order, page } });
      const fields = [Buffer.from("m"), Buffer.from(text), ...(content ? [Buffer.from("b"), content] : [])];
      const { message } = decodeMessage("fetcher2processor", fields);
      assert.deepEqual({ ...message.page, content: Buffer.from(message.page.content) }, { ...page, content: Buffer.from(page.content) });
      const { retryAfterSeconds, etag, lastModified } = trackFetch(order, page);
      assert.ok(retryAfterSeconds === undefined || (retryAfterSeconds >= 0 && retryAfterSeconds <= 3_600));
      const next = etag === undefined && lastModified === undefined ? undefined : await get({ etag, lastModified });
      assert.notEqual(next?.error?.code, "E_BAD_REQUEST", next?.error?.message ?? "");
    }),
  );
});

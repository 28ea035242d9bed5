/**
 * The synthetic site's ill-behaved corner, `/special/…`, which no page links to.
 *
 * - `redirect-loop`; `redirect/K` (K hops, then `echo`); `redirect-to?url=U&status=302`
 * - `trickle`: a byte every 50 ms for ever; `silent`: headers never come
 * - `huge`: 1 GiB, with `?declared` announced by Content-Length; `gzip-bomb`: 1 GiB in 1 MB
 * - `truncated`: ends before its Content-Length; `not-gzip`: says gzip and is not
 * - `set-cookies`: sets two cookies and redirects to `need-cookies`, which is 403 without them
 * - `echo`: method, path, headers and body of the request as JSON; `echo-bytes`: the body itself; `status/NNN`;
 *   `closing`: a page whose connection ends with it
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { MIB } from "../services/core/protocol/byte-units.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;

const GIB = 1_024 * MIB;
const TRICKLE_MS = 50;

/** Beyond ASCII, servers send the bytes of UTF-8. */
const redirect = (response: ServerResponse, status: number, location: string) =>
  response.writeHead(status, { location: Buffer.from(location).toString("latin1") }).end();

const answers: Record<string, Answer> = {
  "redirect-loop": (_request, response) => void redirect(response, 302, "/special/redirect-loop"),
  "redirect-to": (_request, response, { searchParams }) =>
    void redirect(response, Number(searchParams.get("status") ?? 302), searchParams.get("url") ?? "/"),
  redirect: (_request, response, { pathname }) => {
    const hops = Number(pathname.split("/")[3]);
    redirect(response, 302, hops > 1 ? `/special/redirect/${hops - 1}` : "/special/echo");
  },
  trickle: (_request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    const timer = setInterval(() => response.write("."), TRICKLE_MS);
    response.on("close", () => clearInterval(timer));
  },
  silent: () => {},
  huge: (_request, response, { searchParams }) => {
    if (searchParams.has("declared")) response.setHeader("content-length", GIB);
    return repeat(response, Buffer.alloc(MIB, "x"), GIB / MIB);
  },
  "gzip-bomb": (_request, response) => {
    response.setHeader("content-encoding", "gzip");
    return repeat(response, gzipSync(Buffer.alloc(16 * MIB)), GIB / (16 * MIB));
  },
  truncated: (_request, response) => {
    response.writeHead(200, { "content-length": 1_000 }).write("only this");
    setImmediate(() => response.destroy());
  },
  "not-gzip": (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("plain text"),
  "set-cookies": (_request, response) => {
    response.setHeader("set-cookie", ["visit=1; Path=/", "taste=sweet; Path=/special"]);
    redirect(response, 302, "/special/need-cookies");
  },
  "need-cookies": (request, response) => {
    const complete = request.headers.cookie?.includes("visit=1") && request.headers.cookie.includes("taste=sweet");
    response.writeHead(complete ? 200 : 403, { "content-type": "text/plain" }).end(request.headers.cookie ?? "no cookies");
  },
  echo: async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { method, url, headers } = request;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ method, url, headers, body }));
  },
  "echo-bytes": async (request, response) => {
    const bytes = Buffer.concat(await request.toArray());
    response.writeHead(200, { "content-type": request.headers["content-type"] ?? "none" }).end(bytes);
  },
  closing: (_request, response) => void response.writeHead(200, { connection: "close", "content-type": "text/html" }).end("closed"),
  status: (_request, response, { pathname }) => void response.writeHead(Number(pathname.split("/")[3])).end("status"),
};

async function repeat(response: ServerResponse, chunk: Buffer, times: number): Promise<void> {
  const chunks = Readable.from(
    (function* () {
      for (let i = 0; i < times; i++) yield chunk;
    })(),
  );
  // A client that disconnects is expected here.
  await pipeline(chunks, response).catch(() => {});
}

/** Answers `/special/…`, with 404 if there is no such thing. */
export async function answerSpecial(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const answer = answers[url.pathname.split("/")[2] ?? ""];
  if (!answer) response.writeHead(404).end();
  else await answer(request, response, url);
}

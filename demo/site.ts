/** A synthetic website on loopback. `site-kinds.ts` says which page is of which kind, `site-special.ts` what stands under `/special/`, `site-bulky.ts` under
 * `/bulky/`, `site-leaky.ts` under `/leaky/` and `/greedy/`.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerBulky } from "./site-bulky.ts";
import { homeHtml, pageBody, pageData } from "./site-html.ts";
import { type PageKind, pageKind, redirectStatus, SLOW_MS } from "./site-kinds.ts";
import { greedyHtml, leakyHtml } from "./site-leaky.ts";
import { answerSpecial } from "./site-special.ts";

export interface Site extends AsyncDisposable {
  /** `http://HOST:PORT` */
  origin: string;
  /** The number of requests for each path. */
  requests: Map<string, number>;
  /** What `/robots.txt` answers; undefined (at first): 404. */
  robots: { status: number; body: string | Buffer; headers?: Record<string, string> } | undefined;
}

/** Serves `/` and `/page/1` to `/page/{pages}` on `host` (default: 127.0.0.1; `port` 0, the default: a free one) until it is disposed. */
export async function startSite({
  pages = 1_000,
  port = 0,
  host = "127.0.0.1",
}: {
  pages?: number;
  port?: number;
  host?: string;
} = {}): Promise<Site> {
  const requests = new Map<string, number>();
  const server = createServer((request, response) => void answer({ site, pages, requests, request, response }));
  await once(server.listen(port, host), "listening");
  const site: Site = {
    origin: `http://${host}:${(server.address() as AddressInfo).port}`,
    requests,
    robots: undefined,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return site;
}

interface DemoRequest {
  site: Site;
  pages: number;
  requests: Map<string, number>;
  request: IncomingMessage;
  response: ServerResponse;
}

async function answer(visit: DemoRequest): Promise<void> {
  const { pages, requests, request, response } = visit;
  const path = request.url ?? "/";
  const count = (requests.get(path) ?? 0) + 1;
  requests.set(path, count);
  const [, place = "", number] = path.split("/");
  const n = Number(number);
  if (path === "/") sendHtml(response, homeHtml(pages));
  else if (path === "/robots.txt" && visit.site.robots) answerRobots(response, visit.site.robots);
  else if (place === "bulky") answerBulky(response, path);
  else if (place === "leaky") sendHtml(response, leakyHtml(n));
  else if (place === "greedy") sendHtml(response, greedyHtml(n));
  else if (place === "special") await answerSpecial(request, response, new URL(path, "http://site.test"));
  else if (!Number.isInteger(n) || n < 1 || n > pages) response.writeHead(404).end("no such page\n");
  else if (place === "data") response.writeHead(200, { "content-type": "application/json" }).end(pageData(n));
  else if (place === "moved") answerPage(visit, n);
  else if (place === "page") (unusual[pageKind(n)] ?? answerPage)(visit, n, count);
  else response.writeHead(404).end();
}

const sendHtml = (response: ServerResponse, text: string) =>
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(text);

const answerRobots = (response: ServerResponse, { status, body, headers }: NonNullable<Site["robots"]>) =>
  response.writeHead(status, { "content-type": "text/plain", ...headers }).end(body);

type PageAnswer = (visit: DemoRequest, n: number, count: number) => void;

const unusual: Partial<Record<PageKind, PageAnswer>> = {
  redirect: ({ response }, n) => response.writeHead(redirectStatus(n), { location: `/moved/${n}` }).end(),
  slow: (visit, n) => setTimeout(answerPage, SLOW_MS, visit, n),
  failsOnce: (visit, n, count) => (count === 1 ? visit.response.writeHead(500).end("try again\n") : answerPage(visit, n)),
  dropsOnce: (visit, n, count) => (count === 1 ? visit.request.socket.destroy() : answerPage(visit, n)),
  missing: ({ response }) => response.writeHead(404).end("gone\n"),
  broken: ({ response }) => response.writeHead(500).end("broken\n"),
  resets: ({ request }) => request.socket.resetAndDestroy(),
};

function answerPage({ pages, request, response }: DemoRequest, n: number): void {
  const etag = `"page-${n}"`;
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const { body, headers } = pageBody(n, pages, request.headers["accept-encoding"] ?? "");
  response.writeHead(200, { ...headers, etag, "content-length": body.length }).end(body);
}

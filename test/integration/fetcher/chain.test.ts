/** What pyspider's fetcher does along a chain of requests (fetcher/tornado_fetcher.py), row by row, and what its user meant where it goes wrong there. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { FetchOptions } from "../../../services/core/protocol/fetch-options.ts";
import { type Fetching, failureOf, startFetching, textOf } from "../../fixtures/fetching.ts";

const SLOW_MS = 200;
const echo = async (request: IncomingMessage, response: ServerResponse) => {
  const body = Buffer.concat(await request.toArray()).toString();
  const { method, url, headers } = request;
  response.end(
    JSON.stringify({ method, url, cookie: headers.cookie, type: headers["content-type"], etag: headers["if-none-match"], body }),
  );
};

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://site.test");
  const [, place, status] = pathname.split("/");
  // Bytes as they are: Node would refuse some of these.
  const location = (to: string | Buffer) =>
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${status ?? 302} Moved\r\nconnection: close\r\nlocation: `),
      Buffer.from(to),
      Buffer.from("\r\n\r\n"),
    ]);
  if (place === "to") response.writeHead(Number(status), { location: "/echo" }).end("moved");
  else if (place === "raw") response.socket?.end(location(Buffer.from(searchParams.get("hex") ?? "", "hex")));
  else if (place === "slow") {
    await delay(SLOW_MS);
    response.writeHead(302, { location: `/slow?${Number(searchParams.keys().next().value ?? 0) + 1}` }).end();
  } else if (place === "wall") {
    const isIn = request.headers.cookie?.includes("in=1");
    if (isIn) await echo(request, response);
    else response.writeHead(302, { location: request.url, "set-cookie": "in=1; Path=/" }).end();
  } else if (place === "forget")
    response.writeHead(302, { location: "/echo", "set-cookie": ["a=; Max-Age=0; Path=/", "b=2; Path=/elsewhere", "c=3"] }).end();
  else if (place === "meta") {
    const said = `<meta http-equiv="refresh" content="${searchParams.get("delay") ?? 0}; url=${searchParams.get("to") ?? "/echo"}">`;
    response.writeHead(200, { "content-type": "text/html", "content-encoding": "gzip" }).end(gzipSync(said));
  } else if (place === "gate") {
    const isIn = request.headers.cookie?.includes("passed=1");
    if (isIn) await echo(request, response);
    else
      response
        .writeHead(200, { "content-type": "text/html", "set-cookie": "passed=1; Path=/" })
        .end('<meta http-equiv=refresh content="1;url=/gate">');
  } else if (place === "count") {
    const next = Number(searchParams.get("n")) + 1;
    response.writeHead(200, { "content-type": "text/html" }).end(`<meta http-equiv=refresh content="0;url=/count?n=${next}">`);
  } else if (place === "bare") response.writeHead(Number(status)).end("no location");
  else if (place === "gzipped") response.writeHead(302, { location: "/echo", "content-encoding": "gzip" }).end(gzipSync("moved"));
  else if (place === "large") response.writeHead(302, { location: "/echo" }).end(Buffer.alloc(4_000_000));
  else await echo(request, response);
});
let fetching: Fetching;
let origin: string;

before(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  fetching = await startFetching();
});
after(async () => {
  await fetching[Symbol.asyncDispose]();
  server.close();
  server.closeAllConnections();
});
const get = (path: string, options: FetchOptions = {}, validators?: { etag: string }) =>
  fetching.get(`${origin}${path}`, { robotsTxt: false, ...options }, validators);
const echoed = async (path: string, options: FetchOptions = {}, validators?: { etag: string }) =>
  JSON.parse(textOf(await get(path, options, validators)));

const METHODS: [status: number, options: FetchOptions, method: string, body: string, pyspider?: string][] = [
  [301, {}, "GET", ""],
  [302, {}, "GET", ""],
  [303, {}, "GET", ""],
  [307, {}, "GET", ""],
  [308, {}, "GET", "", "not followed"],
  [301, { data: "a=1" }, "GET", "", "POST with its body; browsers send GET"],
  [302, { data: "a=1" }, "GET", ""],
  [303, { method: "PUT", data: "a=1" }, "GET", ""],
  [307, { data: "a=1" }, "POST", "a=1"],
  [308, { data: "a=1" }, "POST", "a=1", "not followed"],
  [302, { method: "HEAD" }, "HEAD", "", "GET"],
];

for (const [status, options, method, body, pyspider] of METHODS) {
  const sent = `${options.method ?? (options.data ? "POST" : "GET")}`;
  test(`${status} after ${sent} is followed by ${method}${body && " with the body"}${pyspider ? ` (pyspider: ${pyspider})` : ""}`, async () => {
    const page = await get(`/to/${status}`, options);

    assert.deepEqual([page.statusCode, page.url, page.origUrl], [200, `${origin}/echo`, `${origin}/to/${status}`]);
    if (method === "HEAD") assert.equal(page.content.length, 0);
    else {
      const seen = JSON.parse(textOf(page));
      assert.deepEqual([seen.method, seen.body], [method, body]);
    }
  });
}

const LOCATIONS: [name: string, bytes: string, url: string][] = [
  ["a path", "/echo?x", "/echo?x"],
  ["a relative path", "../echo", "/echo"],
  ["spaces around", "  /echo  ", "/echo"],
  ["spaces within", "/echo?a b", "/echo?a%20b"],
  ["raw UTF-8", Buffer.from("/echo?ä€").toString("latin1"), "/echo?%C3%A4%E2%82%AC"],
  ["raw Latin-1", "/echo?\xe4", "/echo?%E4"],
  ["escapes as they are", "/echo?%c3%a4%2F", "/echo?%c3%a4%2F"],
  ["a fragment", "/echo#part", "/echo#part"],
  ["backslashes", "\\echo", "/echo"],
];

for (const [name, bytes, url] of LOCATIONS) {
  test(`a location with ${name} leads to ${url}`, async () => {
    const page = await get(`/raw/302?hex=${Buffer.from(bytes, "latin1").toString("hex")}`);

    assert.equal(page.error, undefined);
    assert.equal(page.url, origin + url);
  });
}

test("a page that refreshes to another is followed by a GET, whatever was sent to it", async () => {
  const page = await get("/meta", { data: "a=1" });

  const { method, url, body } = JSON.parse(textOf(page));
  assert.deepEqual([page.statusCode, page.url, page.origUrl], [200, `${origin}/echo`, `${origin}/meta`]);
  assert.deepEqual([method, url, body], ["GET", "/echo", ""]);
});

test("a page that refreshes is the page if the task says so, and if it is there to be read", async () => {
  for (const [path, options] of [
    ["/meta", { metaRefresh: false }],
    ["/meta", { allowRedirects: false }],
    ["/meta?delay=100", {}],
    ["/meta?to=%23top", {}],
  ] as const) {
    const page = await get(path, options);
    assert.match(textOf(page), /http-equiv/);
    assert.equal(page.error, undefined);
  }
});

test("a page that sets a cookie and refreshes itself is requested again with it", async () => {
  const page = await get("/gate");

  assert.equal(JSON.parse(textOf(page)).cookie, "passed=1");
});

test("pages that refresh without end fail at the limit of redirects", async () => {
  const error = failureOf(await get("/count?n=0", { maxRedirects: 3 }));

  assert.deepEqual([error.code, error.retryable], ["E_TOO_MANY_REDIRECTS", false]);
  assert.match(error.message, /followed 3 redirects and was redirected to .*n=4/);
});

test("a refresh leads neither to a private address nor to what is no page", async () => {
  const closed = failureOf(await get("/meta?to=http://10.0.0.1/"));
  const page = await get("/meta?to=file:///etc/passwd");

  assert.equal(closed.code, "E_PRIVATE_ADDRESS");
  assert.match(textOf(page), /http-equiv/);
});

test("robots.txt applies to the target of a refresh", async () => {
  fetching.site.robots = { status: 200, body: "User-agent: *\nDisallow: /page/2" };

  const error = failureOf(await get(`/meta?to=${fetching.site.origin}/page/2`, { robotsTxt: true }));

  assert.equal(error.code, "E_ROBOTS_DISALLOWED");
  assert.equal(fetching.site.requests.get("/page/2"), undefined);
});

test("a redirect or a refresh to a host outside of allowedDomains fails without a request", async () => {
  const options = { allowedDomains: ["127.0.0.1"] };
  const other = `http://localhost:${new URL(origin).port}/echo`;

  const inside = await get("/to/302", options);
  const redirected = failureOf(await get(`/raw/302?hex=${Buffer.from(other).toString("hex")}`, options));
  const refreshed = failureOf(await get(`/meta?to=${other}`, options));
  const asked = failureOf(await get("/echo", { allowedDomains: ["a.test"] }));

  assert.equal(inside.statusCode, 200);
  for (const { code, retryable } of [redirected, refreshed, asked]) assert.deepEqual([code, retryable], ["E_OUTSIDE_DOMAINS", false]);
  assert.match(redirected.message, /redirects to http:\/\/localhost:\d+\/echo, which is not in allowedDomains/);
});

test("a redirect without location is a normal page", async () => {
  for (const status of [301, 302, 307, 308]) {
    const page = await get(`/bare/${status}`);
    assert.deepEqual([page.statusCode, textOf(page), page.error], [status, "no location", undefined]);
  }
});

test("when redirects are not followed, they are pages with location and body", async () => {
  const page = await get("/to/308", { allowRedirects: false });

  assert.deepEqual([page.statusCode, page.headers.location, textOf(page)], [308, "/echo", "moved"]);
});

test("one time limit covers the whole redirect chain", async () => {
  const page = await get("/slow", { timeout: (2.5 * SLOW_MS) / 1_000, maxRedirects: 100 });

  assert.equal(failureOf(page).code, "E_FETCH_TIMEOUT");
  assert.ok(page.timeMs < 10 * SLOW_MS, `${page.timeMs} ms`);
});

test("a page that sets a cookie and redirects to itself is fetched", async () => {
  const page = await get("/wall", { cookies: { own: "1" } });

  assert.equal(JSON.parse(textOf(page)).cookie, "own=1; in=1");
  assert.deepEqual(page.cookies, { own: "1", in: "1" });
});

test("deleted cookies and cookies of another path are neither sent nor listed with the page", async () => {
  const page = await get("/forget", { headers: { Cookie: "a=1" } });

  assert.equal(JSON.parse(textOf(page)).cookie, "c=3");
  assert.deepEqual(page.cookies, { c: "3" });
});

test("the header Cookie and the option cookies are merged, and the option takes precedence", async () => {
  const { cookie } = await echoed("/echo", { headers: { cookie: "a=1; b=1" }, cookies: { b: "2", c: "3" } });

  assert.equal(cookie, "a=1; b=2; c=3");
});

const VALIDATORS: [name: string, options: FetchOptions, etag: string | undefined][] = [
  ["by itself", {}, '"stored"'],
  ["with etag: true", { etag: true }, '"stored"'],
  ["with etag: false", { etag: false }, undefined],
  ["with a text", { etag: '"own"' }, '"own"'],
  ["with a header of its own", { headers: { "If-None-Match": '"mine"' } }, '"mine"'],
];

for (const [name, options, etag] of VALIDATORS) {
  test(`${name} a page is requested with ${etag ?? "no ETag"}, also after a redirect`, async () => {
    const direct = await echoed("/echo", options, { etag: '"stored"' });
    const redirected = await echoed("/to/302", options, { etag: '"stored"' });

    assert.deepEqual([direct.etag, redirected.etag], [etag, etag]);
  });
}

test("the body of a redirect is not read, whatever its encoding and length", async () => {
  for (const path of ["/gzipped", "/large"]) assert.equal((await get(path, { maxBodyBytes: 10_000 })).statusCode, 200, path);
});

const ADDRESSES: [name: string, address: string, url: string][] = [
  ["no path", "", "/"],
  ["characters beyond ASCII", "/echo/ä?ö", "/echo/%C3%A4?%C3%B6"],
  ["escapes", "/echo/%2f%E4?a+b%20c", "/echo/%2f%E4?a+b%20c"],
  ["a fragment, which stays with the page", "/echo#x", "/echo#x"],
  ["a space", "/echo/a b", "/echo/a%20b"],
];

for (const [name, address, url] of ADDRESSES) {
  test(`a URL with ${name} is requested as browsers request it`, async () => {
    const page = await get(address);

    assert.equal(page.url, origin + url);
    assert.equal(JSON.parse(textOf(page)).url, url.replace(/#.*/, ""));
  });
}

const DATA_URLS: [url: string, type: string, text: string][] = [
  ["data:,a,b", "text/plain;charset=US-ASCII", "a,b"],
  ["data:text/html,<h1>a, b</h1>", "text/html", "<h1>a, b</h1>"],
  ["data:text/plain;charset=utf-8,%C3%A4", "text/plain;charset=utf-8", "ä"],
  ["data:text/html;base64,PGgxPg==", "text/html", "<h1>"],
];

for (const [url, type, text] of DATA_URLS) {
  test(`${url} is a page without a request`, async () => {
    const page = await fetching.get(url);

    assert.deepEqual([page.statusCode, page.headers["content-type"], textOf(page)], [200, type, text]);
  });
}

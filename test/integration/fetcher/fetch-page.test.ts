import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import iconv from "iconv-lite";
import { startSite } from "../../../demo/site.ts";
import { expectedPages, failsForEver, pageKind, pageTitle, textEncoding } from "../../../demo/site-kinds.ts";
import type { Page } from "../../../services/core/protocol/messages.ts";
import { failureOf, startFetching, textOf } from "../../fixtures/fetching.ts";
import { createRandom } from "../../fixtures/random.ts";
import { until } from "../../fixtures/until.ts";

test("every kind of page among the first 250 is fetched as the site defines it, temporary failures at the second attempt", async () => {
  await using fetching = await startFetching();

  const pages = await Promise.all(
    Array.from({ length: 250 }, async (_, index) => {
      const path = `/page/${index + 1}`;
      const first = await fetching.get(path);
      return first.statusCode >= 500 && !failsForEver(index + 1) ? await fetching.get(path) : first;
    }),
  );

  for (const { number, finalPath, plainTitle } of expectedPages(250)) {
    const page = pages[number - 1];
    assert.equal(page?.statusCode, 200, `page ${number}, ${pageKind(number)}: ${page?.error?.message}`);
    assert.equal(new URL(page.url).pathname, finalPath);
    assert.equal(new URL(page.origUrl).pathname, `/page/${number}`);
    const text = iconv.decode(Buffer.from(page.content), textEncoding(number).charset);
    assert.ok(text.includes(`<title>${plainTitle}</title>`), `page ${number} is called ${plainTitle}`);
  }
  assert.deepEqual([pages[100]?.statusCode, pages[150]?.statusCode, pages[200]?.statusCode], [404, 500, 599]);
  assert.equal(pageTitle(19), "Страница 19");
});

test("an unchanged page has status 304 and no body", async () => {
  await using fetching = await startFetching();
  const { headers } = await fetching.get("/page/1");

  const again = await fetching.get("/page/1", {}, { etag: headers.etag ?? "" });

  assert.deepEqual([again.statusCode, again.content.length, again.error], [304, 0, undefined]);
});

test("names of headers reach the server as the task writes them", async () => {
  await using fetching = await startFetching();
  const server = createServer(({ rawHeaders }, response) => response.end(JSON.stringify(rawHeaders)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  const page = await fetching.get(url, { headers: { "X-CSRFToken": "t", ACCEPT: "text/html", Host: "a.test", "User-Agent": "mine" } });
  server.close();

  const sent = JSON.parse(textOf(page)) as string[];
  for (const pair of ["X-CSRFToken,t", "ACCEPT,text/html", "User-Agent,mine"]) assert.ok(sent.join().includes(pair), sent.join());
  assert.equal(sent.filter((word) => /^(?:accept|user-agent|host)$/i.test(word)).length, 3);
});

test("method, headers, cookies and body are sent as the task defines them", async () => {
  await using fetching = await startFetching();

  const page = await fetching.get("/special/echo", {
    data: "a=ä",
    headers: { "X-Own": "1", "User-Agent": "mine", Cookie: "a=1" },
    cookies: { b: "2" },
  });

  const { method, headers, body } = JSON.parse(textOf(page));
  assert.deepEqual([method, body, headers["x-own"], headers["user-agent"], headers.cookie], ["POST", "a=ä", "1", "mine", "a=1; b=2"]);
  assert.equal(headers["content-type"], "application/x-www-form-urlencoded");
  assert.deepEqual(page.cookies, { a: "1", b: "2" });
});

test("a binary body is sent unchanged, also after a redirect", async () => {
  await using fetching = await startFetching();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  const data = { base64: bytes.toString("base64") };
  const headers = { "content-type": "application/octet-stream" };

  const pages = await Promise.all([
    fetching.get("/special/echo-bytes", { data, headers }),
    fetching.get("/special/redirect-to?status=307&url=/special/echo-bytes", { data, headers }),
  ]);

  for (const page of pages)
    assert.deepEqual([page.headers["content-type"], Buffer.from(page.content)], ["application/octet-stream", bytes]);
});

test("cookies that a redirect sets are sent with the next request", async () => {
  await using fetching = await startFetching();

  const page = await fetching.get("/special/set-cookies");

  assert.equal(page.statusCode, 200);
  assert.deepEqual(page.cookies, { visit: "1", taste: "sweet" });
});

test("redirects to another origin carry neither authorization nor cookies", async () => {
  await using fetching = await startFetching();
  await using other = await startSite();
  const echo = new URL("/special/echo", other.origin);
  const otherPort = `/special/redirect-to?url=${encodeURIComponent(echo.href)}`;
  echo.hostname = "localhost";
  const otherHost = `/special/redirect-to?url=${encodeURIComponent(echo.href)}`;
  const credentials = { headers: { authorization: "Bearer x" }, cookies: { session: "1" } };

  const [atPort, atHost] = await Promise.all([otherPort, otherHost].map((path) => fetching.get(path, credentials)));

  // Cookies know no ports (RFC 6265, section 8.5).
  assert.equal(JSON.parse(textOf(atPort as Page)).headers.authorization, undefined);
  const { headers } = JSON.parse(textOf(atHost as Page));
  assert.deepEqual([headers.authorization, headers.cookie], [undefined, undefined]);
});

test("a timeout longer than timers allow does not end early", async () => {
  await using fetching = await startFetching();

  const page = await fetching.get("/special/echo", { timeout: 30 * 86_400, connectTimeout: 30 * 86_400 });

  assert.equal(page.statusCode, 200);
});

test("five redirects are followed, a sixth is refused, and a task can forbid all of them", async () => {
  await using fetching = await startFetching();

  assert.equal((await fetching.get("/special/redirect/5")).statusCode, 200);
  assert.match(failureOf(await fetching.get("/special/redirect/6")).message, /followed 5 redirects/);
  assert.equal((await fetching.get("/special/redirect/6", { maxRedirects: 6 })).statusCode, 200);
  assert.equal((await fetching.get("/special/redirect/6", { allowRedirects: false })).statusCode, 302);
});

const FAILURES: Record<string, [target: string, code: string, retryable: boolean]> = {
  "a redirect loop": ["/special/redirect-loop", "E_TOO_MANY_REDIRECTS", false],
  "1 GiB": ["/special/huge", "E_BODY_TOO_LARGE", false],
  "1 GiB, announced": ["/special/huge?declared", "E_BODY_TOO_LARGE", false],
  "a gzip bomb": ["/special/gzip-bomb", "E_BODY_TOO_LARGE", false],
  "a truncated body": ["/special/truncated", "E_CONNECTION", true],
  "a body that differs from its content-encoding": ["/special/not-gzip", "E_BAD_RESPONSE", true],
  "a connection that is reset": ["/page/201", "E_CONNECTION", true],
  "a closed port": ["http://127.0.0.1:1/", "E_CONNECTION", true],
  "a name without address": ["http://no-host.invalid/", "E_DNS", true],
  "a file": ["file:///etc/passwd", "E_UNSUPPORTED_URL", false],
  "a redirect to a file": ["/special/redirect-to?url=file:///etc/passwd", "E_UNSUPPORTED_URL", false],
  "no URL": ["site.test", "E_UNSUPPORTED_URL", false],
  "a private address": ["http://10.1.2.3/", "E_PRIVATE_ADDRESS", false],
  "a redirect to a private address": ["/special/redirect-to?url=http://169.254.169.254/", "E_PRIVATE_ADDRESS", false],
};

for (const [name, [target, code, retryable]] of Object.entries(FAILURES)) {
  test(`${name} fails with ${code}${retryable ? ", which is retryable" : ""}`, async () => {
    await using fetching = await startFetching();

    const error = failureOf(await fetching.get(target));

    assert.deepEqual([error.code, error.retryable], [code, retryable], error.message);
  });
}

test("without an allowed range the site on loopback is refused, also by its name", async () => {
  await using fetching = await startFetching({ allowAddresses: [] });
  const { port } = new URL(fetching.site.origin);

  for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1"]) {
    assert.equal(failureOf(await fetching.get(`http://${host}:${port}/`)).code, "E_PRIVATE_ADDRESS", host);
  }
  assert.equal(fetching.site.requests.size, 0);
});

for (const path of ["/special/trickle", "/special/silent"]) {
  test(`${path} ends at the task's time limit`, async () => {
    await using fetching = await startFetching();

    const page = await fetching.get(path, { timeout: 0.3 });

    assert.equal(failureOf(page).code, "E_FETCH_TIMEOUT");
    assert.ok(page.timeMs >= 290 && page.timeMs < 5_000, `${page.timeMs} ms`);
  });
}

test("a task can set its own body limit", async () => {
  await using fetching = await startFetching();

  const error = failureOf(await fetching.get("/page/1", { maxBodyBytes: 1_000 }));

  assert.match(error.message, /more than 1000 bytes|has \d+ bytes, the limit is 1000/);
});

test("bodies that exceed the budget together wait for each other", async () => {
  await using fetching = await startFetching({ bodyBudgetBytes: 6_000 });

  const pages = await Promise.all(Array.from({ length: 20 }, (_, index) => fetching.get(`/page/${300 + 10 * index}`)));

  assert.deepEqual([...new Set(pages.map(({ statusCode }) => statusCode))], [200]);
});

test("a screenshot without a browser is refused", async () => {
  await using fetching = await startFetching();

  assert.equal(failureOf(await fetching.get("/page/1", { screenshot: true })).code, "E_BAD_REQUEST");
});

test("text that no header can carry is named, with what to write", async () => {
  await using fetching = await startFetching();

  const cookie = failureOf(await fetching.get("/page/1", { cookies: { city: "Москва" } }));
  const header = failureOf(await fetching.get("/page/1", { headers: { "x-name": "Ж" } }));

  assert.match(cookie.message, /the cookie city has characters above U\+00FF: write encodeURIComponent/);
  assert.match(header.message, /the header x-name has characters above U\+00FF/);
});

test("a page that needs a browser fails with a message that names the remedy", async () => {
  await using fetching = await startFetching();

  const error = failureOf(await fetching.get("/page/29", { fetchType: "js" }));

  assert.deepEqual([error.code, error.retryable], ["E_NO_RENDERER", false]);
  assert.match(error.message, /ORB_RENDERER_URL/);
});

test('a task with fetchType "http" is fetched without a browser, even in a project that uses one', async () => {
  await using fetching = await startFetching();

  assert.equal((await fetching.get("/page/29", { fetchType: "http" })).statusCode, 200);
});

test("an ordinary compressed page does not wait for a large one, and waiting pages respect their time limit", async () => {
  await using server = await startBodies();
  await using fetching = await startFetching({ bodyBudgetBytes: 2 * 1_024 * 1_024 });
  const options = { robotsTxt: false };
  const slow = fetching.get(server.urlOf("slow"), { ...options, timeout: 10 });
  await until("the large body has taken all", () => server.isSlowSent());

  const ordinary = await fetching.get(server.urlOf("ordinary"), { ...options, timeout: 5 });
  const large = failureOf(await fetching.get(server.urlOf("large"), { ...options, timeout: 1 }));
  server.endSlow();

  assert.deepEqual([ordinary.statusCode, ordinary.content.length, large.code], [200, 200_000, "E_FETCH_TIMEOUT"]);
  assert.equal((await slow).statusCode, 200);
});

/** `slow` is 15 MB of which the end waits; `ordinary` and `large` are text in gzip, of 200 KB and 2 MB, that shrinks to a fifth or so. */
async function startBodies() {
  let slow: ServerResponse | undefined;
  const text = (length: number) => {
    const random = createRandom(length);
    return gzipSync(Buffer.from(Array.from({ length }, () => 97 + Math.floor(random.next() * 3))));
  };
  const server = createServer((request, response) => {
    if (request.url !== "/slow") {
      response.setHeader("content-encoding", "gzip").end(text(request.url === "/ordinary" ? 200_000 : 2_000_000));
      return;
    }
    slow = response;
    // More than the buffers of the system hold.
    response.setHeader("content-length", 15_000_001).write(Buffer.alloc(15_000_000));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (name: string) => `http://127.0.0.1:${port}/${name}`,
    isSlowSent: () => slow !== undefined && slow.writableLength === 0 && slow.headersSent,
    endSlow: () => slow?.end("."),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { isRedirect } from "../../../services/core/protocol/redirect.ts";
import { UnsupportedUrlError } from "../../../services/fetcher/errors.ts";
import { type Hop, nextHop } from "../../../services/fetcher/redirect.ts";

const hop = (method: string, headers: Record<string, string> = {}): Hop => ({
  url: new URL("https://site.test/a/b?c#d"),
  method,
  headers: { "content-type": "text/plain", ...headers },
  body: method === "POST" ? "data" : undefined,
});

const METHODS = [
  [301, "GET", "GET"],
  [301, "POST", "GET"],
  [301, "PUT", "PUT"],
  [302, "POST", "GET"],
  [303, "PUT", "GET"],
  [303, "HEAD", "HEAD"],
  [307, "POST", "POST"],
  [308, "POST", "POST"],
] as const;

for (const [statusCode, from, to] of METHODS) {
  test(`${statusCode} changes ${from} to ${to}`, () => {
    const next = nextHop(hop(from), statusCode, "/x");

    assert.equal(next.method, to);
    assert.equal(next.body, from === "POST" && to === "POST" ? "data" : undefined);
    assert.equal("content-type" in next.headers, from === to);
  });
}

test("a location is resolved against the page, and keeps its fragment", () => {
  assert.equal(nextHop(hop("GET"), 302, "../x").url.href, "https://site.test/x#d");
  assert.equal(nextHop(hop("GET"), 302, "//other.test/#e").url.href, "https://other.test/#e");
});

test("credentials are sent only to their own origin", () => {
  const sent = hop("GET", { authorization: "Basic eA==", host: "site.test", "x-own": "1" });

  assert.equal(nextHop(sent, 302, "/x").headers.authorization, "Basic eA==");
  for (const location of ["https://other.test/", "http://site.test/", "https://site.test:8443/"]) {
    const { headers } = nextHop(sent, 302, location);
    assert.deepEqual([headers.authorization, headers.host, headers["x-own"]], [undefined, undefined, "1"]);
  }
});

for (const location of ["file:///etc/passwd", "data:,x", "javascript:1", "http://"]) {
  test(`a redirect to ${location} is refused`, () => {
    assert.throws(() => nextHop(hop("GET"), 302, location), UnsupportedUrlError);
  });
}

test("only 301, 302, 303, 307 and 308 with a location are redirects", () => {
  const statuses = [200, 201, 300, 301, 302, 303, 304, 305, 306, 307, 308, 401].filter((status) => isRedirect(status, "/x"));

  assert.deepEqual(statuses, [301, 302, 303, 307, 308]);
  for (const location of [undefined, "", " "]) assert.equal(isRedirect(302, location), false, String(location));
});

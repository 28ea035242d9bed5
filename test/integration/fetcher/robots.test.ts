import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { startSite } from "../../../demo/site.ts";
import { failureOf, startFetching } from "../../fixtures/fetching.ts";

const rules = (text: string) => ({ status: 200, body: `User-agent: *\n${text}` });

test("a page that robots.txt disallows is not requested", async () => {
  await using fetching = await startFetching();
  fetching.site.robots = rules("Disallow: /page/2");

  const closed = failureOf(await fetching.get("/page/2"));
  const open = await fetching.get("/page/1");

  assert.deepEqual([closed.code, closed.retryable, open.statusCode], ["E_ROBOTS_DISALLOWED", false, 200]);
  assert.match(closed.message, /robotsTxt/);
  assert.equal(fetching.site.requests.get("/page/2"), undefined);
});

test("with robotsTxt: false the fetcher neither requests nor applies robots.txt", async () => {
  await using fetching = await startFetching();
  fetching.site.robots = rules("Disallow: /");

  const page = await fetching.get("/page/1", { robotsTxt: false });

  assert.deepEqual([page.statusCode, fetching.site.requests.get("/robots.txt")], [200, undefined]);
});

test("a hundred simultaneous pages cause one request for robots.txt", async () => {
  await using fetching = await startFetching();

  await Promise.all(Array.from({ length: 100 }, (_, index) => fetching.get(`/page/${index + 300}`)));

  assert.equal(fetching.site.requests.get("/robots.txt"), 1);
});

test("a data: URL needs no robots.txt", async () => {
  await using fetching = await startFetching();

  assert.equal((await fetching.get("data:,x")).statusCode, 200);
});

const STATUSES: [status: number, code: string | undefined][] = [
  [404, undefined],
  [401, undefined],
  [403, undefined],
  [429, "E_ROBOTS_UNREACHABLE"],
  [500, "E_ROBOTS_UNREACHABLE"],
  [503, "E_ROBOTS_UNREACHABLE"],
];

for (const [status, code] of STATUSES) {
  test(`a robots.txt with status ${status} ${code ? "blocks the site until it is available" : "allows the site"}`, async () => {
    await using fetching = await startFetching();
    fetching.site.robots = { status, body: "User-agent: *\nDisallow: /" };

    const page = await fetching.get("/page/1");

    assert.equal(page.error?.code, code);
    assert.equal(page.error?.retryable, code && true);
  });
}

test("redirects of robots.txt are followed, also to another site, and an endless chain allows the site", async () => {
  await using fetching = await startFetching();
  await using other = await startSite();
  other.robots = rules("Disallow: /page/1");
  const to = (location: string) => ({ status: 301, body: "", headers: { location } });

  fetching.site.robots = to(`${other.origin}/robots.txt`);
  const closed = await fetching.get("/page/1");
  await using another = await startFetching();
  another.site.robots = to("/special/redirect-loop");
  const open = await another.get("/page/1");

  assert.deepEqual([closed.error?.code, open.error?.code], ["E_ROBOTS_DISALLOWED", undefined]);
});

test("the robots.txt of a redirect's target applies to the target", async () => {
  await using fetching = await startFetching();
  await using other = await startSite();
  other.robots = rules("Disallow: /page");

  const page = await fetching.get(`/special/redirect-to?url=${encodeURIComponent(`${other.origin}/page/1`)}`);

  assert.equal(failureOf(page).code, "E_ROBOTS_DISALLOWED");
  assert.equal(other.requests.get("/page/1"), undefined);
});

test("an oversized robots.txt is parsed up to its limit", async () => {
  await using fetching = await startFetching();
  fetching.site.robots = { status: 200, body: `User-agent: *\nDisallow: /page/1\n${"#".repeat(9_000_000)}` };

  const [closed, open] = await Promise.all([fetching.get("/page/1"), fetching.get("/page/2")]);

  assert.deepEqual([closed?.error?.code, open?.statusCode], ["E_ROBOTS_DISALLOWED", 200]);
});

test("a compressed robots.txt is read, and a compression bomb is refused", async () => {
  await using fetching = await startFetching();
  await using bombed = await startFetching();
  const headers = { "content-encoding": "gzip" };
  const gzipped = (text: string) => ({ status: 200, body: gzipSync(text), headers });
  fetching.site.robots = gzipped("User-agent: *\nDisallow: /page/1");
  bombed.site.robots = gzipped("#".repeat(50_000_000));

  assert.equal((await fetching.get("/page/1")).error?.code, "E_ROBOTS_DISALLOWED");
  assert.equal((await bombed.get("/page/1")).error?.code, "E_ROBOTS_UNREACHABLE");
});

test("a page waits for robots.txt no longer than its own time limit", async () => {
  await using fetching = await startFetching();
  fetching.site.robots = { status: 301, body: "", headers: { location: "/special/silent" } };

  const page = await fetching.get("/page/1", { timeout: 0.3 });

  assert.equal(failureOf(page).code, "E_FETCH_TIMEOUT");
  assert.ok(page.timeMs < 5_000);
});

test("the group of the sent user agent applies, and its crawl delay is reported", async () => {
  await using fetching = await startFetching();
  fetching.site.robots = { status: 200, body: "User-agent: mine\nCrawl-delay: 3\nUser-agent: *\nDisallow: /" };

  const ours = await fetching.get("/page/1");
  const theirs = await fetching.get("/page/1", { headers: { "User-Agent": "Mine/2.0" } });

  assert.equal(ours.error?.code, "E_ROBOTS_DISALLOWED");
  assert.deepEqual([theirs.statusCode, theirs.crawlDelaySeconds], [200, 3]);
});

for (const { first, told } of [
  { first: "Crawl-delay: 3", told: 3 },
  { first: "Disallow:", told: undefined },
]) {
  test(`with "${first}" at the first site and a delay of 7 s at the redirect's target, the reported delay is ${told}`, async () => {
    await using fetching = await startFetching();
    await using other = await startSite();
    fetching.site.robots = rules(first);
    other.robots = rules("Crawl-delay: 7");

    const page = await fetching.get(`/special/redirect-to?url=${encodeURIComponent(`${other.origin}/page/1`)}`);

    assert.deepEqual([page.statusCode, page.crawlDelaySeconds], [200, told]);
  });
}

test("a site whose robots.txt redirects to a private address is not fetched", async () => {
  await using fetching = await startFetching();
  fetching.site.robots = { status: 301, body: "", headers: { location: "http://169.254.169.254/robots.txt" } };

  assert.equal(failureOf(await fetching.get("/page/1")).code, "E_PRIVATE_ADDRESS");
});

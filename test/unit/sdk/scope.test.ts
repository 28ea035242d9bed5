import assert from "node:assert/strict";
import { test } from "node:test";
import { identityOf, outOfScope, readPatterns, type ScopeOptions, withoutParams } from "../../../services/sdk/scope.ts";
import { begin } from "../../fixtures/crawling.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();

const PATTERNS: [pattern: string | RegExp, matching: string[], others: string[]][] = [
  ["http://a.test/docs/*", ["http://a.test/docs/", "http://a.test/docs/x/y"], ["http://a.test/docs", "https://a.test/docs/"]],
  ["*/docs/*.html", ["http://a.test/docs/x.html", "http://b.test/x/docs/.html"], ["http://a.test/docs/x.htm", "http://a.test/docs"]],
  ["http://a.test/", ["http://a.test/"], ["http://a.test/x"]],
  ["*a*a", ["http://x/aa"], ["http://x/"]],
  ["http://a.test/?q=(1)", ["http://a.test/?q=(1)"], ["http://a.test/q=1"]],
  [/\/docs\/\d+$/, ["http://a.test/docs/12"], ["http://a.test/docs/12/x"]],
  [/docs/gy, ["docs"], ["http://a.test/docs"]],
];

for (const [pattern, matching, others] of PATTERNS) {
  test(`${pattern} matches whole URLs, each time it is used`, () => {
    for (const include of [[pattern], [pattern]]) {
      assert.deepEqual(
        matching.filter((url) => outOfScope(url, 1, { include })),
        [],
      );
      assert.deepEqual(
        others.filter((url) => !outOfScope(url, 1, { include })),
        [],
      );
    }
  });
}

test("a text with many stars takes little time on a long URL", () => {
  const began = performance.now();

  assert.equal(outOfScope(`http://a.test/${"a".repeat(8_000)}`, 1, { exclude: [`${"*a".repeat(500)}*b`] }), undefined);

  assert.ok(performance.now() - began < 500);
});

for (const value of [undefined, "", [], [""], 7, [7], ["a", null]]) {
  test(`${JSON.stringify(value)} is no pattern`, () => {
    assert.equal(readPatterns(value), undefined);
  });
}

test("listed parameters are removed, and nothing else changes", () => {
  const scope = { dropParams: ["sid", "utm_*"] };

  assert.equal(withoutParams("http://a.test/?b=1&utm_source=x&a=2&sid=9#top", scope), "http://a.test/?b=1&a=2#top");
  assert.equal(withoutParams("http://a.test/?sid=1", scope), "http://a.test/");
  assert.equal(withoutParams("http://a.test/?side=1&SID=2", scope), "http://a.test/?side=1&SID=2");
  assert.equal(withoutParams("http://a.test/sid=1", scope), "http://a.test/sid=1");
});

const SAME: [options: ScopeOptions, one: string, other: string][] = [
  [{ ignoreParamOrder: true }, "http://a.test/?b=1&a=2", "http://a.test/?a=2&b=1"],
  [{ ignoreTrailingSlash: true }, "http://a.test/x/", "http://a.test/x"],
  [{ ignoreTrailingSlash: true }, "http://a.test/x/?q=/", "http://a.test/x?q=/"],
  [{ ignoreWww: true }, "http://www.a.test/x", "http://a.test/x"],
];

for (const [options, one, other] of SAME) {
  test(`with ${Object.keys(options)} ${one} and ${other} are one page, of which the first URL is requested`, () => {
    const together = begin();
    together.script.crawlConfig = options as never;
    together.script.crawl([one, other], { callback: "list" });
    const apart = begin();
    apart.script.crawl([one, other], { callback: "list" });

    assert.deepEqual(
      together.follows().map(({ url }) => url),
      [one],
    );
    assert.equal(apart.follows().length, 2);
  });
}

test("URLs with values in another order, a root and a host that only begins with www are other pages", () => {
  const all = { ignoreParamOrder: true, ignoreTrailingSlash: true, ignoreWww: true };

  for (const url of ["http://a.test/?a=2&a=1", "http://a.test/", "http://wwwa.test/x", "http://a.test/?q=x/"])
    assert.equal(identityOf(url, all), url);
});

const LINKS = ["http://a.test/1", "http://sub.a.test/2", "http://b.test/a.test", "http://nota.test/"];
const skippedBy = (crawlConfig: object, job = {}) => {
  const { script, run, follows } = begin(job);
  script.crawlConfig = crawlConfig as never;
  script.crawl(LINKS, { callback: "list" });
  return {
    skipped: run.skipped,
    urls: follows().map(({ url }) => url),
    depths: [...new Set(follows().map(({ process }) => process.depth))],
  };
};

test("links outside of the scope are skipped and counted by reason", () => {
  assert.deepEqual(skippedBy({ allowedDomains: ["a.test"] }), {
    skipped: { allowedDomains: 2 },
    urls: LINKS.slice(0, 2),
    depths: [undefined],
  });
  assert.deepEqual(skippedBy({ include: "*/1", exclude: /never/ }).skipped, { include: 3 });
  assert.deepEqual(skippedBy({ exclude: ["*/1", /b\.test/] }).skipped, { exclude: 2 });
  assert.deepEqual(skippedBy({}).skipped, {});
});

test("the depth grows with each page, and ends at maxDepth", () => {
  assert.deepEqual(skippedBy({ maxDepth: 2 }).depths, [1]);
  assert.deepEqual(skippedBy({ maxDepth: 2 }, { depth: 1 }).depths, [2]);
  assert.deepEqual(skippedBy({ maxDepth: 2 }, { depth: 2 }).skipped, { maxDepth: 4 });
});

test("what onStart asks for has depth 0, and is not compared with patterns", () => {
  const start = { page: { url: "data:,on_start", origUrl: "data:,on_start", statusCode: 200, headers: {}, cookies: {}, timeMs: 0 } };

  assert.deepEqual(skippedBy({ maxDepth: 0, include: "*/none", exclude: "*" }, start), { skipped: {}, urls: LINKS, depths: [0] });
});

test("a call may allow other domains", () => {
  const { script, follows } = begin();
  script.crawlConfig = { allowedDomains: ["a.test"] } as never;

  script.crawl("http://cdn.test/x", { callback: "list", allowedDomains: ["cdn.test"] });
  script.crawl("http://other.test/x", { callback: "list", allowedDomains: false });

  assert.equal(follows().length, 2);
});

for (const [name, value] of Object.entries({
  maxDepth: -1,
  maxPages: 0,
  include: 7,
  exclude: [],
  dropParams: "sid",
  ignoreWww: 1,
  allowedDomains: ["http://a.test/"],
})) {
  test(`${name}: ${JSON.stringify(value)} is refused`, () => {
    const { script } = begin();
    script.crawlConfig = { [name]: value } as never;

    assert.throws(() => script.crawl("/x", { callback: "list" }), new RegExp(`crawlConfig takes as ${name} `));
  });
}

test("the scope is an option of crawlConfig alone", () => {
  const { script } = begin();

  assert.throws(() => script.crawl("/x", { callback: "list", maxDepth: 1 } as never), /crawl\(\) has no option maxDepth/);
});

test("one page that asks twice for a URL, with another callback or fetchType, says so", () => {
  const { script, run, follows } = begin();
  script.crawlConfig = { fetchType: "js" };

  script.crawl("http://a.test/", { callback: "list" });
  script.crawl("http://a.test/", { callback: "detail" });
  script.crawl("http://a.test/", { callback: "list", fetchType: "http" });
  script.crawl("http://a.test/", { callback: "list", fetchType: "js" });

  assert.deepEqual([run.skipped, follows().length], [{ otherCallback: 1, otherFetchType: 1 }, 1]);
});

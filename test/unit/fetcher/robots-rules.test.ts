import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRobots } from "../../../services/fetcher/robots-rules.ts";

const US = "Orbweaver/0.1";
const allows = (text: string, path: string, userAgent = US) => parseRobots(text).allows(new URL(path, "http://site.test"), userAgent);

const RULES: [name: string, rules: string, allowed: string[], closed: string[]][] = [
  ["an empty robots.txt allows all", "", ["/", "/a"], []],
  ["an empty Disallow allows all", "Disallow:", ["/", "/a"], []],
  [
    "a path disallows all URLs with that prefix",
    "Disallow: /private",
    ["/", "/priv", "/Private"],
    ["/private", "/private/x", "/privates?q=1"],
  ],
  [
    "the longest pattern wins, whatever its position",
    "Disallow: /a\nAllow: /a/open\nDisallow: /a/open/not",
    ["/a/open"],
    ["/a/b", "/a/open/not"],
  ],
  ["of equally long patterns Allow wins", "Disallow: /page\nAllow: /page", ["/page"], []],
  ["a star matches any text", "Disallow: /*.pdf", ["/a.html"], ["/a.pdf", "/a/b.pdf?x", "/.pdf"]],
  ["a dollar matches the end", "Disallow: /*.pdf$", ["/a.pdf?x", "/a.pdfs"], ["/a.pdf", "/a.pdf.pdf"]],
  ["a dollar without a star disallows one path", "Disallow: /only$", ["/only/", "/onl"], ["/only"]],
  ["parts do not overlap", "Disallow: /ab*b$", ["/ab"], ["/abb", "/ab/b"]],
  ["stars may follow each other", "Disallow: /a**b*", ["/a"], ["/ab", "/a/c/b/d"]],
  ["robots.txt itself is allowed", "Disallow: /", ["/robots.txt"], ["/robots.txt2"]],
  ["the query is part of the path", "Disallow: /*?sort=", ["/list?page=1"], ["/list?sort=up"]],
  [
    "escapes are compared after decoding",
    "Disallow: /foo/%62%61r\nDisallow: /%c3%a4\nDisallow: /ö",
    ["/foo/%2fbar"],
    ["/foo/bar", "/ä", "/%C3%B6"],
  ],
  ["comments and spaces are ignored", "  Disallow :  /a   # not /b", ["/b"], ["/a"]],
  ["robots.txt of Windows and of old Macs", "Disallow: /a\r\nDisallow: /b\rDisallow: /c", ["/d"], ["/a", "/b", "/c"]],
];

for (const [name, rules, allowed, closed] of RULES) {
  test(name, () => {
    const text = `User-agent: *\n${rules}`;

    assert.deepEqual(
      allowed.filter((path) => !allows(text, path)),
      [],
      "open",
    );
    assert.deepEqual(
      closed.filter((path) => allows(text, path)),
      [],
      "closed",
    );
  });
}

const GROUPS: [name: string, text: string, isAllowed: boolean][] = [
  ["rules before the first user agent are ignored", "Disallow: /", true],
  ["only our own group applies", "User-agent: *\nDisallow: /\n\nUser-agent: orbweaver\nDisallow: /other", true],
  ["the name is compared without case and version", "User-agent: ORBWEAVER/2.0\nDisallow: /", false],
  ["another crawler's group does not apply", "User-agent: Orbweaverbot\nDisallow: /", true],
  ["consecutive user agents share their rules", "User-agent: other\nUser-agent: Orbweaver\nDisallow: /", false],
  ["a rule ends the list of user agents", "User-agent: Orbweaver\nAllow: /\nUser-agent: other\nDisallow: /", true],
  ["two groups of one user agent are merged", "User-agent: Orbweaver\nDisallow: /a\nUser-agent: Orbweaver\nDisallow: /p", false],
  ["a sitemap line between user agent and rule changes nothing", "User-agent: *\nSitemap: http://site.test/s.xml\nDisallow: /", false],
  ["a byte order mark is ignored", "\uFEFFUser-agent: *\nDisallow: /", false],
  ["HTML contains no rules", "<html>\n<body>Disallow: /</body>", true],
];

for (const [name, text, isAllowed] of GROUPS) {
  test(name, () => {
    assert.equal(allows(text, "/page"), isAllowed);
  });
}

test("a custom user agent uses its own group of rules", () => {
  const text = "User-agent: *\nDisallow: /\nUser-agent: mine\nAllow: /";

  assert.deepEqual([allows(text, "/page", "Mine/1.0 (me)"), allows(text, "/page", "Mozilla/5.0 (X11)")], [true, false]);
});

const DELAYS: [said: string, seconds: number | undefined][] = [
  ["Crawl-delay: 2.5", 2.5],
  ["Crawl-delay: 86400", 60],
  ["Crawl-delay: 0", undefined],
  ["Crawl-delay: soon", undefined],
  ["Disallow: /", undefined],
];

for (const [said, seconds] of DELAYS) {
  test(`${said} requests a delay of ${seconds ?? "nothing"}`, () => {
    assert.equal(parseRobots(`User-agent: *\n${said}`).crawlDelaySeconds(US), seconds);
  });
}

test("a hostile robots.txt needs milliseconds per page, not seconds", () => {
  const wildcards = Array.from({ length: 320 }, () => `Disallow: /*${"a".repeat(1_600)}b`);
  const rules = parseRobots(`User-agent: *\n${wildcards.join("\n")}`);

  const began = performance.now();
  const isAllowed = rules.allows(new URL(`http://site.test/${"a".repeat(8_000)}`), US);

  assert.ok(isAllowed);
  assert.ok(performance.now() - began < 2_000, `${performance.now() - began} ms`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeRobots, parseRobots } from "../../../services/fetcher/robots-rules.ts";

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
  ["a space in a rule matches the escaped one of a URL", "Disallow: /a b\nDisallow: /c%20d", ["/a", "/ab"], ["/a b", "/a%20b/c", "/c d"]],
  [
    "other signs that URLs escape match in both forms",
    'Disallow: /"q"\nDisallow: /{id}\nDisallow: /a<b>\nDisallow: /it\'s\nDisallow: /p|q\nDisallow: /^`',
    ["/q", "/id", "/a"],
    ['/"q"', "/%22q%22", "/{id}", "/%7bid%7D", "/a<b>", "/it's", "/it%27s", "/p|q", "/p%7Cq", "/^`"],
  ],
  ["the signs of a query match in both forms", "Disallow: /*?q='a b'", ["/x?q=ab"], ["/x?q='a b'", "/x?q=%27a%20b%27"]],
  ["an escaped star is only a star", "Disallow: /a%2Ab\nDisallow: /c%2a", ["/axb", "/cx"], ["/a*b", "/a%2Ab", "/c*"]],
  ["an escaped dollar is only a dollar", "Disallow: /a%24", ["/a", "/ax"], ["/a$", "/a%24b"]],
  ["a dollar inside a rule is only a dollar", "Disallow: /a$b", ["/a", "/ab"], ["/a$b", "/a%24b/c"]],
  ["escapes of signs with a meaning stay what they are", "Disallow: /a%2Fb\nDisallow: /c/d", ["/a/b", "/c%2Fd"], ["/a%2fb", "/c/d"]],
  [
    "misspelt fields are read as Google reads them",
    "Dissallow: /a\nDisalow: /b\nDiasllow: /c\ndisallaw: /d\nDissalow: /e\nDisallowed: /f\nDisallow /g\nDisallow:/h",
    ["/i"],
    ["/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h"],
  ],
  ["without a colon a line with more than two words is no rule", "Disallow /a /b\nDisallow all /c", ["/a", "/c", "/"], []],
  ["a page of a folder that is allowed opens the folder", "Disallow: /\nAllow: /a/index.html", ["/a/", "/a/index.html"], ["/a/b", "/a"]],
  ["a rule for an empty query matches only with the question mark", "Disallow: /a?$", ["/a", "/a?b"], ["/a?"]],
  ["a rule longer than 2,048 characters is cut", `Disallow: /${"a".repeat(3_000)}/b`, ["/aaa"], [`/${"a".repeat(3_000)}/c`]],
  ["a run of stars is one star", `Disallow: /${"*".repeat(3_000)}.pdf`, ["/a.html"], ["/a.pdf"]],
  ["fields and line ends that HTML editors write are read", "Desallow: /a<br>\nDisallow: /b<BR />", ["/c"], ["/a", "/b/c"]],
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
  ["a star before a name is not every crawler", "User-agent: *Orbweaver\nDisallow: /\nUser-agent: *bot\nDisallow: /", true],
  ["a star with a comment or another word after it is every crawler", "User-agent: * all # of them\nDisallow: /", false],
  ["a user agent without a name is no crawler", "User-agent:\nDisallow: /", true],
  ["misspelt user agents are read as Google reads them", "useragent: other\nUser agent: Orbweaver\nDisallow: /", false],
  ["half a byte order mark is ignored", "\uFFFDUser-agent: *\nDisallow: /", false],
  ["digits belong to the name", "User-agent: orbweaver2\nDisallow: /\nUser-agent: 2orbweaver\nDisallow: /", true],
  ["an unknown line does not end the list of user agents", "User-agent: orbweaver\nNoindex: /a\nUser-agent: other\nDisallow: /", false],
  ["HTML contains no rules", "<html>\n<body>Disallow: /</body>", true],
];

for (const [name, text, isAllowed] of GROUPS) {
  test(name, () => {
    assert.equal(allows(text, "/page"), isAllowed);
  });
}

test("a user agent that looks like a browser has the name after compatible", () => {
  const text = "User-agent: mj12bot\nDisallow: /a\nUser-agent: mozilla\nDisallow: /b";
  const agent = "Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.test/)";

  assert.deepEqual([allows(text, "/a", agent), allows(text, "/b", agent)], [false, true]);
  assert.deepEqual([allows(text, "/a", "Mozilla/5.0 (X11)"), allows(text, "/b", "Mozilla/5.0 (X11)")], [true, false]);
});

test("a crawler whose name has no letters obeys the rules for all crawlers", () => {
  const text = "User-agent: *\nDisallow: /a\nUser-agent: 360\nDisallow: /b";

  assert.deepEqual([allows(text, "/a", "(unknown)"), allows(text, "/b", "(unknown)")], [false, true]);
});

for (const [name, bytes] of Object.entries({
  "UTF-8 with a byte order mark": Buffer.from("\uFEFFUser-agent: *\nDisallow: /ä"),
  "UTF-16 with a byte order mark": Buffer.from("\uFEFFUser-agent: *\nDisallow: /ä", "utf16le"),
  "UTF-16 without one": Buffer.from("User-agent: *\nDisallow: /ä", "utf16le"),
  "UTF-16 of the other byte order": Buffer.from("\uFEFFUser-agent: *\nDisallow: /ä", "utf16le").swap16(),
})) {
  test(`a robots.txt in ${name} is read`, () => {
    const text = decodeRobots(bytes);

    assert.deepEqual([allows(text, "/a"), allows(text, "/ä")], [true, false]);
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

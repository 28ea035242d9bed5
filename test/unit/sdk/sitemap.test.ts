import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Response } from "../../../services/sdk/response.ts";
import { readSitemap } from "../../../services/sdk/sitemap.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

const host = connectTestHost();
const URL = "http://site.test/maps/main.xml";
const NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"';

const SITEMAPS: [name: string, text: string, urls: object[], sitemaps: object[]][] = [
  [
    "pages with and without a date",
    `<?xml version="1.0"?>\n<urlset ${NAMESPACE}><url><loc> http://a.test/?a=1&amp;b=2 </loc><lastmod>2025-01-01</lastmod><priority>1</priority></url><url><loc>http://a.test/2</loc></url></urlset>`,
    [{ url: "http://a.test/?a=1&b=2", lastmod: "2025-01-01" }, { url: "http://a.test/2" }],
    [],
  ],
  [
    "an index",
    `<sitemapindex ${NAMESPACE}><sitemap><loc>http://a.test/1.xml.gz</loc><lastmod>2025</lastmod></sitemap></sitemapindex>`,
    [],
    [{ url: "http://a.test/1.xml.gz", lastmod: "2025" }],
  ],
  [
    "relative links, which are not allowed and common",
    `<urlset><url><loc>/a</loc></url><url><loc>b</loc></url></urlset>`,
    [{ url: "http://site.test/a" }, { url: "http://site.test/maps/b" }],
    [],
  ],
  [
    "CDATA, a prefix and a byte order mark",
    `\uFEFF<s:urlset xmlns:s="x"><s:url><s:loc><![CDATA[http://a.test/?a&b]]></s:loc></s:url></s:urlset>`,
    [{ url: "http://a.test/?a&b" }],
    [],
  ],
  [
    "locations of pictures are ignored",
    `<urlset><url><image:image><image:loc>http://a.test/p.png</image:loc></image:image><loc>http://a.test/p</loc></url></urlset>`,
    [{ url: "http://a.test/p" }],
    [],
  ],
  [
    "invalid links",
    `<urlset><url><loc>ftp://a.test/</loc></url><url><loc/></url><url></url><url><loc>http://</loc></url><loc>http://a.test/</loc></urlset>`,
    [],
    [],
  ],
  ["a truncated sitemap", `<urlset><url><loc>http://a.test/1</loc></url><url><loc>http://a.te`, [{ url: "http://a.test/1" }], []],
  [
    "a robots.txt",
    "User-agent: *\nDisallow: /\nSitemap: http://a.test/1.xml\nsitemap:/2.xml # second\n",
    [],
    [{ url: "http://a.test/1.xml" }, { url: "http://site.test/2.xml" }],
  ],
  [
    "two links in one entry, and entries without an end",
    `<urlset><url><loc>http://a.test/1</loc><loc>http://a.test/2</loc><lastmod>2025</lastmod></url><url><loc>http://a.test/3</loc>` +
      `<url><loc>http://a.test/4</loc></urlset>`,
    [{ url: "http://a.test/1" }, { url: "http://a.test/2", lastmod: "2025" }, { url: "http://a.test/3" }, { url: "http://a.test/4" }],
    [],
  ],
  [
    "links without their element, and with another one in between",
    `<urlset><url>\n http://a.test/1 \n</url><url> none </url><url><loc><url><![CDATA[http://a.test/2]]></url></loc><lastmod>2025</lastmod></url></urlset>`,
    [{ url: "http://a.test/1" }, { url: "http://a.test/2", lastmod: "2025" }],
    [],
  ],
  [
    "an end within a tag, after a whole link",
    "<urlset><url><loc>http://a.test/1</loc></url><url><loc>http://a.test/2</lo",
    [{ url: "http://a.test/1" }, { url: "http://a.test/2" }],
    [],
  ],
  [
    "an entity of a file",
    `<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url><url><loc>/a?b&c;</loc></url></urlset>`,
    [{ url: "http://site.test/a?b&c;" }],
    [],
  ],
  [
    "an RSS feed with links as guid",
    `<rss><channel><item><guid>http://a.test/1</guid></item><item><guid isPermaLink="false">7bd2</guid></item>` +
      `<item><guid>http://a.test/id</guid><link>http://a.test/2</link></item></channel></rss>`,
    [{ url: "http://a.test/1" }, { url: "http://a.test/2" }],
    [],
  ],
  [
    "an Atom feed with two pages in one entry",
    `<feed><entry><link href="http://a.test/1"/><link rel="alternate" href="http://a.test/1.html"/><updated>2025</updated></entry></feed>`,
    [{ url: "http://a.test/1", lastmod: "2025" }],
    [],
  ],
  [
    "a long comment and a doctype before the root",
    `<?xml version="1.0"?><!-- <rss> ${"c".repeat(20_000)} --><!DOCTYPE urlset><urlset><url><loc>/a</loc></url></urlset>`,
    [{ url: "http://site.test/a" }],
    [],
  ],
  [
    "a text of URLs",
    "\uFEFFhttp://a.test/1\r\n\r\n  https://a.test/2?x=ä  \rnot a URL\nftp://a.test/\nHTTP://a.test/3",
    [{ url: "http://a.test/1" }, { url: "https://a.test/2?x=%C3%A4" }, { url: "http://a.test/3" }],
    [],
  ],
  [
    "an RSS feed",
    `<?xml version="1.0"?><rss version="2.0"><channel><link>http://a.test/</link><atom:link rel="self" href="http://a.test/feed"/>` +
      `<item><title>T</title><link>http://a.test/1</link><atom:link href="http://a.test/feed"/><pubDate>Mon, 01 Sep 2025</pubDate></item>` +
      `<item><link><![CDATA[/2?a&b]]></link></item></channel></rss>`,
    [{ url: "http://a.test/1", lastmod: "Mon, 01 Sep 2025" }, { url: "http://site.test/2?a&b" }],
    [],
  ],
  [
    "an RSS 1.0 feed",
    `<rdf:RDF xmlns="http://purl.org/rss/1.0/"><channel><link>http://a.test/</link></channel><item><link>http://a.test/1</link><dc:date>2025</dc:date></item></rdf:RDF>`,
    [{ url: "http://a.test/1", lastmod: "2025" }],
    [],
  ],
  [
    "an Atom feed",
    `<feed xmlns="http://www.w3.org/2005/Atom"><link href="http://a.test/"/><entry><link rel="edit" href="/edit"/><link href="/1"/>` +
      `<updated>2025</updated></entry><entry><link rel="alternate" type="text/html" href="http://a.test/2"/></entry></feed>`,
    [{ url: "http://site.test/1", lastmod: "2025" }, { url: "http://a.test/2" }],
    [],
  ],
];

for (const [name, text, urls, sitemaps] of SITEMAPS) {
  test(`a sitemap: ${name}`, () => {
    const sitemap = readSitemap(text, URL);

    assert.deepEqual(sitemap, { urls, sitemaps });
  });
}

for (const text of [
  "",
  "<html><body>Not found</body></html>",
  "<rss><channel/></rss>",
  "User-agent: *\nDisallow:",
  "See http://a.test/ for more",
  "http://a.test/ is our site",
  '{"urlset": []}',
]) {
  test(`${JSON.stringify(text.slice(0, 20))} is not a sitemap`, () => {
    assert.equal(readSitemap(text, URL), undefined);
  });
}

test("of an oversized sitemap the first 50,000 entries are read", () => {
  const entries = Array.from({ length: 50_010 }, (_, index) => `<url><loc>http://a.test/${index}</loc></url>`);

  const sitemap = readSitemap(`<urlset>${entries.join("")}</urlset>`, URL);

  assert.deepEqual([sitemap?.urls.length, sitemap?.urls.at(-1)], [50_000, { url: "http://a.test/49999" }]);
});

const page = { url: URL, origUrl: URL, statusCode: 200, headers: { "content-type": "application/gzip" }, cookies: {}, timeMs: 1 };
const sitemapOf = (content: Uint8Array) => {
  host.show(content);
  return new Response(page, { allowRedirects: true }).sitemap;
};

test("a gzip list of URLs with a byte order mark is read, and of a truncated gzip sitemap what is whole", () => {
  const cut = gzipSync(`<urlset>${"<url><loc>http://a.test/1</loc></url>".repeat(500)}</urlset>`).subarray(0, -12);

  assert.deepEqual(sitemapOf(gzipSync("\uFEFFhttp://a.test/1\nhttp://a.test/2\n"))?.urls, [
    { url: "http://a.test/1" },
    { url: "http://a.test/2" },
  ]);
  assert.ok((sitemapOf(cut)?.urls.length ?? 0) > 100);
});

test("a gzip sitemap is read, and a broken one or a compression bomb is not", () => {
  const zipped = gzipSync("<urlset><url><loc>http://a.test/ä</loc></url></urlset>");

  assert.deepEqual(sitemapOf(zipped)?.urls, [{ url: "http://a.test/%C3%A4" }]);
  assert.equal(sitemapOf(Buffer.concat([zipped.subarray(0, 15), Buffer.from("broken")])), undefined);
  assert.equal(sitemapOf(gzipSync(Buffer.alloc(60_000_000, "<urlset>"))), undefined);
});

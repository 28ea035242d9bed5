import assert from "node:assert/strict";
import { test } from "node:test";
import iconv from "iconv-lite";
import type { MarkupParser } from "../../../services/core/protocol/task.ts";
import { parseDocument } from "../../../services/sdk/document.ts";
import { encodingCandidates } from "../../../services/sdk/encoding.ts";
import { Response } from "../../../services/sdk/response.ts";
import { usualJson } from "../../fixtures/json-shapes.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

const { show } = connectTestHost();

function respond(
  body: Uint8Array | string,
  { type = "text/html", url = "http://a.test/folder/page", statusCode = 200, allowRedirects = true, parser }: Responded = {},
) {
  show(Buffer.from(body));
  const page = { url, origUrl: url, statusCode, headers: { "content-type": type }, cookies: {}, timeMs: 1_500 };
  return new Response(page, { save: { a: 1 }, allowRedirects, ...(parser ? { parser } : {}) });
}

interface Responded {
  type?: string;
  url?: string;
  statusCode?: number;
  allowRedirects?: boolean;
  parser?: MarkupParser;
}

const JAPANESE = "糸をなくした蜘蛛はまた新しい糸を紡ぎ、庭は雨が降る前と同じように静かになります。";
const RUSSIAN = "Паук, потерявший нить, прядёт другую, и сад так же тих, каким он был до дождя.";

for (const { title, body, type, text, encoding } of [
  {
    title: "the header's charset",
    body: iconv.encode(RUSSIAN, "koi8-r"),
    type: "text/html; charset=KOI8-R",
    text: RUSSIAN,
    encoding: "koi8-r",
  },
  { title: "a byte order mark", body: Buffer.from("\ufeffä"), type: "text/html", text: "ä", encoding: "utf-8" },
  { title: "a byte order mark of UTF-16", body: iconv.encode("ä", "utf16", { addBOM: true }), type: "", text: "ä", encoding: "utf-16le" },
  {
    title: "a meta element",
    body: iconv.encode(`<meta charset="gb2312">丢了丝线`, "gb18030"),
    type: "text/html",
    text: `<meta charset="gb2312">丢了丝线`,
    encoding: "gbk",
  },
  {
    title: "Korean syllables that only Windows has",
    body: iconv.encode(`<meta charset="euc-kr">똠방각하 펲시`, "cp949"),
    type: "text/html",
    text: `<meta charset="euc-kr">똠방각하 펲시`,
    encoding: "euc-kr",
  },
  {
    title: "characters of Hong Kong",
    body: iconv.encode("嘅喺咗唔嚟 香港 Ê̄ 𨋢", "big5-hkscs"),
    type: "text/html; charset=big5-hkscs",
    text: "嘅喺咗唔嚟 香港 Ê̄ 𨋢",
    encoding: "big5",
  },
  {
    title: "an old meta element",
    body: iconv.encode(`<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">${RUSSIAN}`, "windows-1251"),
    type: "text/html",
    text: `<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">${RUSSIAN}`,
    encoding: "windows-1251",
  },
  {
    title: "an XML declaration",
    body: iconv.encode(`<?xml version="1.0" encoding="iso-8859-1"?><a>ä</a>`, "latin1"),
    type: "application/xml",
    text: `<?xml version="1.0" encoding="iso-8859-1"?><a>ä</a>`,
    encoding: "windows-1252",
  },
  {
    title: "a byte order mark before the header's charset",
    body: Buffer.from(`\ufeff${RUSSIAN}`),
    type: "text/html; charset=windows-1251",
    text: RUSSIAN,
    encoding: "utf-8",
  },
  {
    title: "a meta element after 3 KB of scripts",
    body: iconv.encode(`<script>${"a();".repeat(750)}</script><meta charset="windows-1251">${RUSSIAN}`, "windows-1251"),
    type: "text/html",
    text: `<script>${"a();".repeat(750)}</script><meta charset="windows-1251">${RUSSIAN}`,
    encoding: "windows-1251",
  },
  {
    title: "the meta element that is not in a comment",
    body: iconv.encode(`<!-- <meta charset="utf-8"> --><meta charset="windows-1251">${RUSSIAN}`, "windows-1251"),
    type: "text/html",
    text: `<!-- <meta charset="utf-8"> --><meta charset="windows-1251">${RUSSIAN}`,
    encoding: "windows-1251",
  },
  {
    title: "a meta element that claims UTF-16, and can be read as ASCII,",
    body: Buffer.from(`<meta charset="utf-16le">${RUSSIAN}`),
    type: "text/html",
    text: `<meta charset="utf-16le">${RUSSIAN}`,
    encoding: "utf-8",
  },
  {
    title: "another label of an encoding",
    body: iconv.encode(JAPANESE, "shift_jis"),
    type: "text/html; charset=x-sjis",
    text: JAPANESE,
    encoding: "shift_jis",
  },
  { title: "UTF-8 that nothing declares", body: Buffer.from(RUSSIAN), type: "text/html", text: RUSSIAN, encoding: "utf-8" },
  {
    title: "a guess",
    body: iconv.encode(JAPANESE.repeat(3), "shift_jis"),
    type: "text/html",
    text: JAPANESE.repeat(3),
    encoding: "shift_jis",
  },
  { title: "a charset that does not exist", body: Buffer.from("ä"), type: "text/html; charset=klingon", text: "ä", encoding: "utf-8" },
  {
    title: "bytes that are broken",
    body: Buffer.from([0x61, 0xff, 0x62]),
    type: "text/html; charset=utf-8",
    text: "a\ufffdb",
    encoding: "utf-8",
  },
  { title: "an empty body", body: Buffer.alloc(0), type: "", text: "", encoding: "utf-8" },
]) {
  test(`${title} decides the page's encoding`, () => {
    const response = respond(body, { type });

    assert.equal(response.text, text);
    assert.equal(response.encoding, encoding);
  });
}

test("the encoding can be set, and text and document change with it", () => {
  const response = respond(iconv.encode("<h1>ä</h1>", "latin1"), { type: "text/html; charset=utf-8" });
  assert.equal(response.doc("h1").text(), "\ufffd");

  response.encoding = "latin1";

  assert.equal(response.text, "<h1>ä</h1>");
  assert.equal(response.doc("h1").text(), "ä");
  assert.throws(() => {
    response.encoding = "klingon";
  }, /unknown encoding klingon/);
});

test("a sample that ends inside a character is still UTF-8", () => {
  const bytes = Buffer.from("ä".repeat(3_000)).subarray(0, 4_097).toString("latin1");

  assert.deepEqual([...encodingCandidates("", bytes)], ["utf-8"]);
});

test("numbers of JSON that JavaScript would round are texts", () => {
  const body = `{"id": 9007199254740993, "mid": [4901234567890123456,-18446744073709551615], "sum": 12345678901234567.89, "huge": 1e400,
    "text": " 9007199254740993, 1e400", "max": 9007199254740991, "price": 19.90, "far": 1.5e300, "near": 0.1234567890123456, "e": 1e100}`;

  assert.deepEqual(respond(body).json, {
    ...{ id: "9007199254740993", mid: ["4901234567890123456", "-18446744073709551615"], sum: "12345678901234567.89", huge: "1e400" },
    ...{ text: " 9007199254740993, 1e400", max: 9007199254740991, price: 19.9, far: 1.5e300, near: 0.1234567890123456, e: 1e100 },
  });
  assert.equal(respond("9007199254740993").json, "9007199254740993");
});

test("content is the body's bytes, and json is its parsed value", () => {
  const bytes = Buffer.from([0, 255, 128]);

  assert.deepEqual(Buffer.from(respond(bytes).content), bytes);
  assert.deepEqual(respond('{"a":[1]}').json, { a: [1] });
  assert.equal(respond("<p>").json, undefined);
});

test("JSON that would need too much memory is not parsed, and JSON of usual records is", () => {
  const usual = usualJson(8 * 2 ** 20);

  assert.throws(() => respond(`[${"{},".repeat(800_000)}{}]`).json, /^Error: the page's JSON has more than 4,000,000 values/);
  assert.throws(() => respond("[".repeat(201) + "]".repeat(201)).json, /nested deeper than 200 levels/);
  assert.ok(respond(usual).json.length > 180_000);
});

for (const [link, absolute] of [
  ["/b", "http://a.test/b"],
  ["b/c.png", "http://a.test/folder/b/c.png"],
  ["?q=1", "http://a.test/folder/page?q=1"],
  ["#x", "http://a.test/folder/page#x"],
  ["../up", "http://a.test/up"],
  ["//other.test/x", "http://other.test/x"],
  ["http://other.test/x", "http://other.test/x"],
  ["a b", "http://a.test/folder/a%20b"],
  ["mailto:a@b.test", "mailto:a@b.test"],
  ["http://[", "http://["],
] as const) {
  test(`the link ${link} becomes ${absolute}`, () => {
    assert.equal(respond(`<a href="${link}">x</a>`).doc("a").attr("href"), absolute);
  });
}

test("a base element is the base of relative links", () => {
  const { doc } = respond(`<base href="/other/"><img src="a.png"><form action="b"></form>`);

  assert.equal(doc("img").attr("src"), "http://a.test/other/a.png");
  assert.equal(doc("form").attr("action"), "http://a.test/other/b");
});

test("two documents stay separate, even if a selection is extended", () => {
  const first = respond("<p class='a'>1</p><p class='b'>2</p>").doc;
  const second = respond("<p class='a'>3</p><p class='b'>4</p>").doc;

  assert.equal(first(".a").add(".b").text(), "12");
  assert.equal(second(".a").add(".b").text(), "34");
  assert.equal(first.root().html(), `<p class="a">1</p><p class="b">2</p>`);
  assert.equal(second.html(), `<p class="a">3</p><p class="b">4</p>`);
  assert.equal(first("p").first().is(".a"), true);
  assert.equal(first(".b", first.root()).text(), "2");
});

test("XML is parsed as XML", () => {
  const { doc } = respond("<?xml version='1.0'?><rss><item><link>http://b.test/</link><pubDate>today</pubDate></item></rss>", {
    type: "application/rss+xml",
  });

  assert.equal(doc("item link").text(), "http://b.test/");
  assert.equal(doc("pubDate").text(), "today");
});

for (const { statusCode, allowRedirects = true, ok } of [
  { statusCode: 200, ok: true },
  { statusCode: 204, ok: true },
  { statusCode: 304, ok: true },
  { statusCode: 302, ok: false },
  { statusCode: 302, allowRedirects: false, ok: true },
  { statusCode: 404, ok: false },
  { statusCode: 599, ok: false },
]) {
  test(`status ${statusCode}${allowRedirects ? "" : " without redirects"} is ${ok ? "" : "not "}ok`, () => {
    const response = respond("", { statusCode, allowRedirects });

    assert.equal(response.ok, ok);
    if (ok) response.raiseForStatus();
    else assert.throws(() => response.raiseForStatus(), new RegExp(`answered with status ${statusCode}`));
  });
}

for (const [encoding, link, expected] of [
  ["gbk", "/search?q=中文", "http://a.test/search?q=%D6%D0%CE%C4"],
  ["gbk", "/目录/页?q=价格&r=%E4#片", "http://a.test/%E7%9B%AE%E5%BD%95/%E9%A1%B5?q=%BC%DB%B8%F1&r=%E4#%E7%89%87"],
  ["gbk", "?q=&#x1F600; ' <\"", "http://a.test/folder/page?q=%26%23128512%3B%20%27%20%3C%22"],
  ["shift_jis", "?q=表", "http://a.test/folder/page?q=%95\\"],
  ["windows-1251", "http://b.test/?q=дом\n2", "http://b.test/?q=%E4%EE%EC2"],
  ["utf-8", "?q=中", "http://a.test/folder/page?q=%E4%B8%AD"],
  ["windows-1251", "mailto:a@b?subject=дом", "mailto:a@b?subject=дом"],
] as const) {
  test(`on a page in ${encoding}, the link ${JSON.stringify(link)} has the address that browsers give it`, () => {
    const page = iconv.encode(`<meta charset="${encoding}"><a href="${link.replaceAll('"', "&quot;")}">x</a>`, encoding);

    assert.equal(respond(page).doc("a").attr("href"), expected);
    assert.deepEqual(respond(page).xpath("//a/@href"), [expected]);
  });
}

test("links() has the absolute http addresses of a page or a part of it, each once", () => {
  const page = respond(
    `<a href="/1">x</a><nav><a href="2">x</a><area href="/1"><a href="mailto:a@b">x</a></nav><a>x</a><a href="http://[">x</a>`,
  );

  assert.deepEqual(page.links(), ["http://a.test/1", "http://a.test/folder/2"]);
  assert.deepEqual(page.links("nav"), ["http://a.test/folder/2", "http://a.test/1"]);
  assert.deepEqual(page.links("nav > a"), ["http://a.test/folder/2"]);
});

for (const [html, text] of [
  ["<p>a <b>b</b>c</p><p>d</p>", "a bc\nd"],
  ["<ul><li>one</li>\n <li> two\r\n three </li></ul>", "one\ntwo three"],
  ["a<br>b<br/><br>c", "a\nb\nc"],
  ["<table><tr><td>1</td><td>2</td></tr></table>", "1\n2"],
  ["<h1>t</h1>text<script>no()</script><style>no</style><!-- no -->", "t\ntext"],
  ["<span>a</span><span>b</span>", "ab"],
] as const) {
  test(`textOf() of ${JSON.stringify(html)} is ${JSON.stringify(text)}`, () => {
    assert.equal(respond(`<div id=x>${html}</div>`).textOf("#x"), text);
  });
}

test("textOf() joins several elements by spaces, and takes selectors, elements and selections", () => {
  const page = respond("<p>a<br>b</p><p>c</p>");

  assert.equal(page.textOf("p"), "a\nb c");
  assert.equal(page.textOf(page.doc("p")), "a\nb c");
  assert.equal(page.textOf(page.xpath("//p")[1]), "c");
  assert.equal(page.textOf("h1"), "");
});

const COPIED = "<table id=t><tr><td>1<td><a href=x>2</a></table><p>one<div>two</div>";

test("the parser html5 makes the tree of browsers, for selectors, XPath and links", () => {
  const page = respond(COPIED);

  assert.equal(page.doc("#t > tbody > tr > td").length, 0);
  assert.equal(page.parse("html5")("#t > tbody > tr > td").text(), "12");
  assert.equal(page.parse("html5")("a").attr("href"), "http://a.test/folder/x");
  const chosen = respond(COPIED, { parser: "html5" });
  assert.equal(chosen.doc("#t > tbody > tr > td").length, 2);
  assert.deepEqual(chosen.xpath("//tbody/tr/td[2]/a/@href"), ["http://a.test/folder/x"]);
  assert.equal(chosen.doc("html > body > div").text(), "two");
});

test("the parser html5 makes trees no deeper than those of browsers", () => {
  const { doc } = respond(`${"<div>".repeat(20_000)}<a href=/deep>x</a><b>y</b>`, { parser: "html5" });

  assert.equal(doc("div").length, 20_000);
  assert.equal(doc("a").attr("href"), "http://a.test/deep");
  assert.equal(doc("a").next("b").text(), "y");
  assert.equal(doc("body").text(), "xy");
});

test("a page can be read as XML or as HTML, whatever it is served as", () => {
  const feed = "<rss><item><link>http://b.test/</link><pubDate>today</pubDate></item></rss>";

  assert.equal(respond(feed, { parser: "xml" }).doc("item > link").text(), "http://b.test/");
  assert.equal(respond(feed).parse("xml")("item > pubDate").text(), "today");
  assert.equal(respond("<?xml version='1.0'?><P>x<br>y", { type: "text/xml", parser: "html" }).doc("p").text(), "xy");
  assert.throws(() => respond(feed).parse("lxml" as never), /parse\(\) takes html, html5, xml, not lxml/);
});

test("parseDocument() reads other texts than the page", () => {
  assert.equal(parseDocument("<p><a href=x>y</a>", { url: "http://c.test/a/" })("a").attr("href"), "http://c.test/a/x");
  assert.equal(parseDocument("<a href=x>y</a>")("a").attr("href"), "x");
  assert.equal(parseDocument("<table><tr><td>1", { parser: "html5" })("tbody td").text(), "1");
  assert.throws(() => parseDocument("", { parser: "none" as never }), TypeError);
});

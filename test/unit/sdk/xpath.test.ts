import assert from "node:assert/strict";
import { test } from "node:test";
import { Response } from "../../../services/sdk/response.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

const { show } = connectTestHost();

function respond(body: string, type = "text/html; charset=utf-8"): Response {
  show(Buffer.from(body));
  const url = "http://a.test/folder/page";
  return new Response(
    { url, origUrl: url, statusCode: 200, headers: { "content-type": type }, cookies: {}, timeMs: 1 },
    { allowRedirects: true },
  );
}

const SHOP = `<!doctype html><html><head><title>Shop &amp; more</title></head><body>
  <!-- two books -->
  <ul id="books"><li class="book"><a href="1.html">One</a> <b>10</b></li><li class="book sold"><a href="2.html">Two <i>(new)</i></a> <b>20</b></li></ul>
  <p>first</p><p>second</p><script>var x = "<li>no</li>";</script></body></html>`;

const describe = (value: unknown) => (typeof value === "object" ? `<${(value as { name: string }).name}>` : value);

for (const [expression, expected] of [
  ["//li", ["<li>", "<li>"]],
  ["//LI", ["<li>", "<li>"]],
  ["//a/@href", ["http://a.test/folder/1.html", "http://a.test/folder/2.html"]],
  ["//p/text()", ["first", "second"]],
  ["//script/namespace::*", ["http://www.w3.org/XML/1998/namespace"]],
  ["string(//title)", ["Shop & more"]],
  ["string(//li[2]/a)", ["Two (new)"]],
  ["count(//li)", [2]],
  ["sum(//b) > 25", [true]],
  ["//li[contains(@class, 'sold')]/a/i/text()", ["(new)"]],
  ["//li[last()]/preceding-sibling::li/b/text()", ["10"]],
  ["//i/ancestor::ul/@id", ["books"]],
  ["//a[starts-with(., 'Two')]/following-sibling::b/text()", ["20"]],
  ["//p[normalize-space()='second']/preceding::b/text()", ["10", "20"]],
  ["//b/text() | //title/text()", ["Shop & more", "10", "20"]],
  ["//comment()", [" two books "]],
  ["/html/body/p[1]/text()", ["first"]],
  ["id('books')/li[1]/a/text()", ["One"]],
  ["//none", []],
  ["string(//none)", [""]],
  ["number('x')", [Number.NaN]],
] as const) {
  test(`${expression} finds ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(respond(SHOP).xpath(expression).map(describe), expected);
  });
}

test("an expression can start at an element, and cheerio accepts that element", () => {
  const response = respond(SHOP);
  const second = response.xpath("//li")[1];

  assert.deepEqual(response.xpath("./a/@href", second), ["http://a.test/folder/2.html"]);
  assert.deepEqual(response.xpath("count(//li)", second), [2]);
  assert.equal(response.doc(second).find("b").text(), "20");
});

test("the next expression sees a change of the document", () => {
  const response = respond(SHOP);
  assert.deepEqual(response.xpath("count(//li)"), [2]);

  response.doc("li").first().remove();

  assert.deepEqual(response.xpath("count(//li)"), [1]);
});

test("in XML a prefix matches itself, and namespaces need no declaration", () => {
  const feed = respond(
    `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:x="urn:x"><url><loc>http://a.test/1</loc><x:pubDate>today</x:pubDate><note><![CDATA[<b>]]></note></url></urlset>`,
    "application/xml",
  );

  assert.deepEqual(feed.xpath("//loc/text()"), ["http://a.test/1"]);
  assert.deepEqual(feed.xpath("//x:pubDate/text()"), ["today"]);
  assert.deepEqual(feed.xpath("//note/text()"), ["<b>"]);
  assert.deepEqual(feed.xpath("string(//note)"), ["<b>"]);
});

test("an invalid expression is refused with a reason", () => {
  assert.throws(() => respond(SHOP).xpath("//li["), {
    name: "TypeError",
    message: /xpath\(\) takes an XPath 1\.0 expression, not "\/\/li\[": /,
  });
  assert.throws(() => respond(SHOP).xpath("nothing()"), /XPath 1\.0/);
  assert.throws(() => respond(SHOP).xpath("$x"), /XPath 1\.0/);
});

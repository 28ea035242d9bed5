/** What a page can bring: any bytes under any label, any markup, any JSON. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { encodingCandidates } from "../../../services/sdk/encoding.ts";
import { Response } from "../../../services/sdk/response.ts";
import { anyJson, anyName, anyText, anyUrl, fewerRuns, textOf } from "../../fixtures/arbitraries.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

const { show } = connectTestHost();

function respond(content: Uint8Array | string, { type = "text/html; charset=utf-8", url = "http://a.test/folder/page" } = {}): Response {
  show(Buffer.from(content));
  const page = { url, origUrl: url, statusCode: 200, headers: { "content-type": type }, cookies: {}, timeMs: 1 };
  return new Response(page, { allowRedirects: true });
}

/** Labels of the Encoding standard, names that other software uses, and none. */
const LABELS = [
  ...[
    "utf-8",
    "UTF8",
    "utf-16",
    "utf-16be",
    "utf-16le",
    "utf-7",
    "utf-32",
    "unicode",
    "latin1",
    "iso-8859-1",
    "iso-8859-16",
    "windows-1252",
    "ascii",
  ],
  ...[
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
    "big5-hkscs",
    "euc-jp",
    "shift_jis",
    "sjis",
    "iso-2022-jp",
    "iso-2022-kr",
    "hz-gb-2312",
    "euc-kr",
    "koi8-r",
  ],
  ...["x-user-defined", "replacement", "x-mac-cyrillic", "cp437", "ebcdic", "binary", "none", "utf-8-sig", "__proto__", "constructor"],
];
const label = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...LABELS) }, { weight: 1, arbitrary: anyName });
const type = label.map((charset) => `text/html; charset=${charset}`);
const start = fc.oneof(
  fc.constantFrom("", "\xef\xbb\xbf", "\xff\xfe", "\xfe\xff", "\x1f\x8b\x08", "\0"),
  label.map((charset) => `<meta charset="${charset}">`),
  label.map((charset) => `<?xml version="1.0" encoding='${charset}'?>`),
);
const body = fc
  .tuple(
    start,
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      anyText().map((text) => Buffer.from(text)),
    ),
  )
  .map(([head, rest]) => Buffer.concat([Buffer.from(head, "latin1"), rest]));

test("any bytes in any charset are decoded to text, which does not depend on earlier pages", () => {
  fc.assert(
    fc.property(body, fc.oneof(type, anyText()), body, type, (bytes, said, otherBytes, otherType) => {
      const first = respond(bytes, { type: said });
      const [text, encoding] = [first.text, first.encoding];
      void respond(otherBytes, { type: otherType }).text;

      assert.equal(typeof text, "string");
      assert.ok(text.length <= 2 * bytes.length + 1, `${text.length} characters of ${bytes.length} bytes in ${encoding}`);
      assert.deepEqual([respond(bytes, { type: said }).text, respond(bytes, { type: said }).content], [text, new Uint8Array(bytes)]);
    }),
  );
});

test("any label is an encoding, or refused with a RangeError", () => {
  fc.assert(
    fc.property(body, label, (bytes, wanted) => {
      const response = respond(bytes);
      try {
        response.encoding = wanted;
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }

      assert.equal(typeof response.text, "string");
    }),
  );
});

test("the encoding is detected in bounded time, whatever the page", () => {
  const parts = ["<meta ", "charset", "=", " ", "<?xml ", "encoding", "'", '"', "\xff", "\xe4", "a".repeat(500), " ".repeat(500)];
  fc.assert(
    fc.property(textOf(parts, 40), anyText(), (bytes, contentType) => {
      const began = performance.now();

      for (const candidate of encodingCandidates(contentType, bytes.slice(0, 4_096))) assert.equal(typeof candidate, "string");

      assert.ok(performance.now() - began < 1_000);
    }),
    fewerRuns(0.5),
  );
});

const MARKUP = [
  ...[
    "<a href=",
    "<a href='x'>",
    "</a>",
    "<b>",
    "</b>",
    "<p",
    "<p>",
    ">",
    "/>",
    "<br>",
    "<table><tr><td>",
    "</table>",
    "<svg><path/></svg>",
    "<math>",
  ],
  ...[
    "<script>",
    "</script>",
    "<style>",
    "<textarea>",
    "<title>t</title>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml version='1.0'?>",
    "<?php",
    "<!doctype html>",
  ],
  ...[
    "<base href='/b/'>",
    "<img src=",
    "&amp;",
    "&#0;",
    "&#xd800;",
    "&#x110000;",
    "&nosuch;",
    "&",
    "<x:y z:w='1'>",
    "<__proto__ constructor=1>",
    "__proto__='x'",
    "<>",
    "</>",
  ],
];
const markup = textOf(MARKUP, 25);

test("any markup becomes a document with working selectors, as HTML and as XML", () => {
  fc.assert(
    fc.property(markup, fc.constantFrom("text/html", "text/xml", "application/xhtml+xml"), anyUrl, (text, mediaType, url) => {
      const { doc } = respond(text, { type: `${mediaType}; charset=utf-8`, url });

      const links = doc("a[href], [src]")
        .toArray()
        .map((element) => doc(element).attr("href") ?? doc(element).attr("src"));
      const read = [
        doc("b, p > b, x\\:y").text(),
        doc.html(),
        doc.xml(),
        doc.root().text(),
        doc("*").first().next().prev().parent().html() ?? "",
      ];

      assert.ok([...links, ...read].every((value) => typeof value === "string"));
    }),
  );
});

const SELECTORS = [
  "a",
  "*",
  "[href]",
  "[href=",
  ":not(",
  ":has(",
  ":contains(",
  ")",
  "'",
  '"',
  ">",
  "+",
  "~",
  ",",
  " ",
  ".x",
  "#y",
  "::",
  ":nth-child(",
  "2n+1",
  "\\",
  "|",
  "x|y",
  ":eq(-1)",
  ":root",
];

test("any text is a selector, or an error of the script", () => {
  const { doc } = respond("<p><a href=x class=x>1</a><a id=y>2</a></p>");
  fc.assert(
    fc.property(textOf(SELECTORS, 6), (selector) => {
      try {
        assert.equal(typeof doc(selector).length, "number");
      } catch (error) {
        assert.ok(error instanceof Error && error.message !== "");
      }
    }),
  );
});

const XPATH = [
  "//",
  "/",
  "a",
  "*",
  "@",
  "::",
  "[",
  "]",
  "1",
  "=",
  "!=",
  "<",
  "-",
  "|",
  "(",
  ")",
  ",",
  "'",
  '"',
  "count(",
  "$x",
  "x:y",
  " and ",
  " div ",
  "..",
];
const AXES = [
  "",
  "@",
  "self::",
  "parent::",
  "child::",
  "ancestor::",
  "ancestor-or-self::",
  "descendant::",
  "following::",
  "preceding::",
  "namespace::",
];
const step = fc.tuple(
  fc.constantFrom("/", "//"),
  fc.constantFrom(...AXES),
  fc.constantFrom("*", "a", "x:y", "node()", "text()", "comment()"),
);
const path = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => steps.flat().join(""));
const xpath = fc
  .tuple(
    fc.constantFrom("", "string(", "count(", "id(", "not(", "sum(", "concat('x', ", "lang("),
    path,
    fc.constantFrom("", "[1]", "[last()]", "[@*]", "|//@*"),
  )
  .map(([call, steps, end]) => `${call}${steps}${end}${call && ")"}`);

test("any text is an XPath expression that gives elements, texts, numbers and booleans, or a TypeError", () => {
  fc.assert(
    fc.property(
      markup,
      fc.oneof({ weight: 3, arbitrary: xpath }, { weight: 1, arbitrary: textOf(XPATH, 8) }),
      fc.boolean(),
      (text, expression, isXml) => {
        const response = respond(text, { type: isXml ? "text/xml" : "text/html" });
        let found: unknown[];
        try {
          found = response.xpath(expression);
        } catch (error) {
          assert.ok(error instanceof TypeError, String(error));
          return;
        }

        for (const value of found)
          assert.ok(
            ["string", "number", "boolean"].includes(typeof value) || typeof (value as { type?: unknown })?.type === "string",
            String(value),
          );
      },
    ),
  );
});

test("any JSON within the exact numbers is read unchanged, and invalid JSON as undefined", () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/\d{16}/.test(text));

      assert.deepEqual(respond(text).json, value);
    }),
  );
  fc.assert(
    fc.property(fc.oneof(textOf(["{", "}", "[", "]", '"', ":", ",", "1", "e5", "null", "\\u"]), body), (text) => {
      const { json } = respond(text);

      assert.ok(json === undefined || JSON.stringify(json) !== undefined);
    }),
  );
});

const SITEMAP = [
  ...[
    "<urlset>",
    "</urlset>",
    "<sitemapindex>",
    "</sitemapindex>",
    "<url>",
    "</url>",
    "<sitemap>",
    "</sitemap>",
    "<loc>",
    "</loc>",
    "<lastmod>",
    "</lastmod>",
  ],
  ...[
    "<s:urlset xmlns:s='x'>",
    "<s:url>",
    "<url><loc>http://a.test/x</loc></url>",
    "<loc>/y</loc>",
    "<loc>ftp://x</loc>",
    "2025-01-01",
    "\n",
    "Sitemap: ",
    "sitemap:/x",
    "<![CDATA[",
  ],
];

test("any text is a sitemap whose entries have http URLs, or an invalid one", () => {
  fc.assert(
    fc.property(textOf(SITEMAP, 20), fc.boolean(), anyUrl, (text, isZipped, url) => {
      const { sitemap } = respond(isZipped ? gzipSync(text) : text, { url });

      for (const entry of [...(sitemap?.urls ?? []), ...(sitemap?.sitemaps ?? [])]) assert.match(new URL(entry.url).protocol, /^https?:$/);
    }),
  );
});

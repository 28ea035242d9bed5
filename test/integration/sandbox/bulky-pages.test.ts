import assert from "node:assert/strict";
import { after, test } from "node:test";
import { MIB } from "../../../services/core/protocol/byte-units.ts";
import { usualJson } from "../../fixtures/json-shapes.ts";
import { openPool, pageOf, projectOf } from "../../fixtures/sandbox.ts";

const SCRIPT = `import { Crawler, type Response } from "orbweaver";
export default class Bulky extends Crawler {
  page(response: Response) {
    const { doc } = response;
    this.crawl(doc("a").slice(0, 100), { callback: this.page });
    return [doc("title").text(), doc("body, p, div").first().text().length, doc("div b, a").length, doc.html().length];
  }
  everyLink(response: Response) {
    this.crawl(response.doc("a"), { callback: this.page });
  }
  record(response: Response) {
    return response.json;
  }
  everyPage({ sitemap }: Response) {
    for (const { url, lastmod } of sitemap?.urls ?? []) this.crawl(url, { callback: this.page, itag: lastmod });
  }
}`;

const pool = openPool({ processLimitMs: 20_000, memoryLimitBytes: 256 * MIB });
after(() => pool.close());
const bulky = await projectOf("bulky", SCRIPT);
const small = pageOf("<title>small</title><a href='/next'>next</a>");

const PAGES: Record<string, string> = {
  "100,000 nested elements": `<title>T</title>${"<div>".repeat(100_000)}bottom`,
  "100,000 elements that are never closed": `<title>T</title>${"<b>".repeat(100_000)}bottom`,
  "100,000 unmatched closing tags": `<title>T</title>${"</div>".repeat(100_000)}`,
  "an attribute of ten million characters": `<title>T</title><p id="${"x".repeat(10_000_000)}">end</p>`,
  "100,000 attributes": `<title>T</title><p ${Array.from({ length: 100_000 }, (_, n) => `a${n}=1`).join(" ")}>end</p>`,
  "a text of ten million characters": `<title>T</title><p>${"x".repeat(10_000_000)}</p>`,
  "300,000 entities, most of them wrong": `<title>T</title>${"&amp;&nosuch;&#x110000;".repeat(100_000)}`,
  "200,000 comments that never end": `<title>T</title>${"<!--".repeat(200_000)}`,
  "a million angle brackets": `<title>T</title>${"<".repeat(1_000_000)}`,
  // Within one element: selectors look at the outermost elements two by two.
  "20,000 links": `<html><title>T</title>${Array.from({ length: 20_000 }, (_, n) => `<a href="/page/${n}">${n}</a>`).join("")}`,
  "invalid links": `<base href="http://["><title>T</title>${'<a href="http://%zz:99999\u0000">x</a>'.repeat(10_000)}`,
};

for (const [name, text] of Object.entries(PAGES)) {
  test(`the title of a page with ${name} is read`, async () => {
    const { process, results } = await pool.run(bulky("page", { page: pageOf(text) }));

    assert.equal(process.error, undefined);
    assert.equal(JSON.parse(results?.[0] ?? "null")[0], "T");
  });
}

for (const { name, text, callback, code } of [
  { name: "a million links", text: '<a href="/page">x</a>'.repeat(1_000_000), callback: "page", code: "E_SCRIPT_MEMORY" },
]) {
  test(`a page with ${name} fails with ${code}, and the next page of the project is processed`, async () => {
    const failing = await pool.run(bulky(callback, { page: pageOf(text) }));
    const next = await pool.run(bulky("page", { page: small }));

    assert.equal(failing.process.error?.code, code);
    assert.deepEqual([next.process.error, next.follows.length], [undefined, 1]);
  });
}

/** As processors have it in the reference deployment. */
const REFERENCE_BYTES = 160 * MIB;
const links = (count: number) =>
  `<html>${Array.from({ length: count }, (_, n) => `<a href="/some/folder/of/the/site/page-with-a-name-${n}.html">${n}</a>`).join("\n")}`;
const entries = Array.from(
  { length: 50_000 },
  (_, n) => `<url><loc>http://site.test/p/${"x".repeat(100)}/${n}</loc><lastmod>2026-01-01T00:00:00+00:${n}</lastmod></url>`,
);

const sitemap = `<?xml version="1.0"?><urlset>${entries.join("\n")}</urlset>`;

for (const { name, text, callback } of [
  { name: "page with 50,000 links", text: links(50_000), callback: "everyLink" },
  { name: "sitemap of 50,000 dated URLs", text: sitemap, callback: "everyPage" },
]) {
  test(`every URL of a ${name} is followed by a script with 160 MiB`, async () => {
    await using single = openPool({ children: 1, processLimitMs: 60_000, memoryLimitBytes: REFERENCE_BYTES });

    const { process, follows, answerBytes } = await single.run(bulky(callback, { page: pageOf(text) }));

    assert.equal(process.error, undefined);
    assert.equal(new Set(follows.map(({ url }) => url)).size, 50_000);
    assert.equal(process.skipped, undefined);
    assert.ok(answerBytes < 4 * MIB, String(answerBytes));
  });
}

test("five pages of 8 MiB of records, one after another in one process, are stored by a script with 160 MiB", async () => {
  await using single = openPool({ children: 1, processLimitMs: 60_000, memoryLimitBytes: REFERENCE_BYTES });
  const page = pageOf(usualJson(8 * MIB - 20_000), { headers: { "content-type": "application/json" } });

  const codes: unknown[] = [];
  for (let n = 0; n < 5; n++) codes.push((await single.run(bulky("record", { page }))).process.error?.code);

  assert.deepEqual(codes, Array(5).fill(undefined));
});

test("of a page with 120,000 links 100,000 are followed, and the task says how many were skipped", async () => {
  await using large = openPool({ children: 1, processLimitMs: 60_000, memoryLimitBytes: 512 * MIB });

  const { process, follows } = await large.run(bulky("everyLink", { page: pageOf(links(120_000)) }));

  assert.deepEqual([process.error, follows.length, process.skipped], [undefined, 100_000, { limit: 20_000 }]);
  assert.match(process.logs, /links skipped: limit 20000/);
});

for (const charset of [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "shift_jis",
  "euc-jp",
  "gb18030",
  "big5",
  "euc-kr",
  "utf-7",
  "x-user-defined",
  "nonsense",
  "\u0000",
]) {
  test(`bytes that are invalid in ${JSON.stringify(charset)} are still processed`, async () => {
    const content = Buffer.concat([
      Buffer.from("<title>T"),
      Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 167 + (at >> 8)) % 256)),
    ]);
    const page = { ...pageOf(""), content, headers: { "content-type": `text/html; charset=${charset}` } };

    const { process, results } = await pool.run(bulky("page", { page }));

    assert.equal(process.error, undefined);
    assert.equal(typeof JSON.parse(results?.[0] ?? "null")[0], "string");
  });
}

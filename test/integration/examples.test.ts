/** The example gallery, each script against a site of this machine. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { startSite } from "../../demo/site.ts";
import { skipWithoutChromium } from "../fixtures/browser.ts";
import { openShopAndEngine } from "../fixtures/shop-engine.ts";

const FOLDER = resolve(import.meta.dirname, "../../examples");

const { shop, engine } = await openShopAndEngine();

/** The addresses that the examples begin with, and their replacements here. */
const read = (name: string) =>
  readFileSync(join(FOLDER, `${name}.ts`), "utf8")
    .replace("https://books.toscrape.com/", `${shop.origin}/`)
    .replace("https://quotes.toscrape.com/", `${shop.origin}/quotes`)
    .replace("https://hnrss.org/frontpage", `${shop.origin}/feed`)
    .replace("http://127.0.0.1:8080/", `${shop.origin}/`);

async function crawl(name: string, source = read(name)) {
  shop.requests.length = 0;
  const { results, failures } = await engine.crawl(name.replace("-", "_"), source);
  assert.deepEqual(failures, []);
  return results.map(({ result }) => JSON.stringify(result).replaceAll(shop.origin, "")).sort();
}

const book = (id: number, title: string) => ({ url: `/book/${id}`, title, price: 9 + id });
const titles = ["On Spiders", "On Threads", "On Webs", "On Orbs", "On Silk", "On Gardens", "On Rain"];
const rows = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).sort();

test("books: every book of every list is stored once", async () => {
  assert.deepEqual(await crawl("books"), rows(...titles.map((title, index) => book(index + 1, title))));
});

test("quotes: one page gives several results, and an author is fetched once", async () => {
  const results = await crawl("quotes");

  assert.deepEqual(results, [
    '{"text":"It has no pretensions whatever to originate anything.","author":"Ada Lovelace"}',
    '{"text":"That brain of mine is something more than merely mortal.","author":"Ada Lovelace"}',
    '{"url":"/author/Ada","author":"Ada Lovelace","born":"December 10, 1815"}',
  ]);
});

test("json-api: the script reads all pages of an API, and sends two POST searches to one URL", async () => {
  const books = titles.map((title, index) => ({ id: index + 1, title, price: 10 + index }));

  assert.deepEqual(await crawl("json-api"), rows(...books, { search: "silk", ids: [5] }, { search: "rain", ids: [7] }));
});

test("rendered: results contain what JavaScript added to the page", { skip: skipWithoutChromium, timeout: 60_000 }, async () => {
  assert.deepEqual(await crawl("rendered"), rows({ heading: "Books", count: 3, titles: titles.slice(0, 3) }));
});

test("login: each run stores pages that require a login", async () => {
  const orders = rows({ order: "Order 1", total: 7 }, { order: "Order 2", total: 14 });
  assert.deepEqual(await crawl("login"), orders);

  assert.deepEqual(await crawl("login"), orders);
  assert.deepEqual(shop.requests, ["GET /login", "POST /login", "GET /account"]);
});

test("sitemap: every page below an index of sitemaps is stored, and not again while its date stays", async () => {
  const pages = rows(...titles.map((title, index) => ({ url: `/book/${index + 1}`, title })));
  assert.deepEqual(await crawl("sitemap"), pages);

  await crawl("sitemap");
  assert.deepEqual(
    shop.requests.filter((line) => line.startsWith("GET /book")),
    [],
  );
});

test("news: a second run fetches only the list and the changed item", async () => {
  await crawl("news");
  assert.equal(shop.requests.length, 4);
  await crawl("news");
  assert.deepEqual(shop.requests, ["GET /news"]);

  shop.touch();
  const results = await crawl("news");

  assert.deepEqual(shop.requests, ["GET /news", "GET /news/1"]);
  assert.deepEqual(
    results,
    rows(
      { url: "/news/1", text: "as of 2026-01-12", looks: 2 },
      { url: "/news/2", text: "as of 2026-01-03", looks: 1 },
      { url: "/news/3", text: "as of 2026-01-04", looks: 1 },
    ),
  );
});

test("feed: the pages of a feed are stored, and removed pages are noted", async () => {
  const source = read("feed").replace(
    "this.feed, forceUpdate: true });",
    `$& this.crawl("${shop.origin}/gone", { callback: this.article });`,
  );

  const results = await crawl("feed", source);

  assert.deepEqual(
    results,
    rows(...[1, 2, 3].map((id) => ({ url: `/book/${id}`, title: titles[id - 1], published: `2026-01-0${id + 1}` })), {
      url: "/gone",
      gone: 404,
    }),
  );
});

test("site: every page of a site is stored", async () => {
  await using site = await startSite({ pages: 10 });

  const { results } = await engine.crawl("site", read("site").replace(shop.origin, site.origin));

  assert.equal(new Set(results.map(({ url }) => url)).size, 11);
});

test("examples/README.md lists every example", () => {
  const listed = [...readFileSync(join(FOLDER, "README.md"), "utf8").matchAll(/^\| \[(\S+\.ts)\]\(\1\)/gm)].map(([, name]) => name);

  assert.deepEqual(
    listed.sort(),
    readdirSync(FOLDER).filter((name) => name.endsWith(".ts") && name !== "globals.d.ts"),
  );
});

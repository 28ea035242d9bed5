/** The first scripts of projects, each as the pages fill it in, against a site of this machine. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../services/core/runtime/checkout.ts";
import { fillTemplate } from "../../services/webui/pages/dashboard/starting-script.ts";
import { skipWithoutChromium } from "../fixtures/browser.ts";
import { openShopAndEngine } from "../fixtures/shop-engine.ts";

const FOLDER = join(ROOT, "examples/templates");

const { shop, engine } = await openShopAndEngine();

const read = (name: string) => readFileSync(join(FOLDER, `${name}.ts`), "utf8");

/** Titles, or what else a result has, sorted. */
async function crawl(name: string, path: string, template = read(name)) {
  const project = name.replaceAll("-", "_");
  const { results, failures } = await engine.crawl(project, fillTemplate(template, project, shop.origin + path));
  assert.deepEqual(failures, []);
  return results.map(({ result }) => {
    const { title, text } = result as { title?: string; text?: string };
    return title ?? text;
  });
}

const titles = ["On Spiders", "On Threads", "On Webs", "On Orbs", "On Silk", "On Gardens", "On Rain"].sort();

test("list-and-detail: every page of every list is a result", async () => {
  assert.deepEqual((await crawl("list-and-detail", "/")).sort(), titles);
});

test("json-api: every value of every page is a result", async () => {
  assert.deepEqual((await crawl("json-api", "/api/books")).sort(), titles);
});

test("rendered: what JavaScript adds to a page is a result", { skip: skipWithoutChromium, timeout: 60_000 }, async () => {
  assert.equal((await crawl("rendered", "/app")).length, 3);
});

test("sitemap: every page of every sitemap is a result", async () => {
  assert.deepEqual((await crawl("sitemap", "/")).sort(), titles);
});

test("login: pages that need a login are results", async () => {
  const template = read("login").replace("your name", "ada").replace("your password", "secret");

  assert.deepEqual((await crawl("login", "/login", template)).sort(), ["Order 1", "Order 2"]);
});

test("every template has its test here, and is offered for a new project", () => {
  const names = readdirSync(FOLDER).map((file) => file.replace(/\.ts$/, ""));
  const tests = readFileSync(import.meta.filename, "utf8");
  const offered = readFileSync(join(ROOT, "services/webui/pages/dashboard/templates.ts"), "utf8");

  assert.ok(names.length > 0);
  for (const name of names) {
    assert.ok(tests.includes(`test("${name}: `), name);
    assert.ok(offered.includes(`/templates/${name}.ts?raw`), name);
  }
});

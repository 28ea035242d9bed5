/** The script editor in a real browser: types, completions, marks. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { type BrowserPage, openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { until } from "../../fixtures/until.ts";
import { inShadow, logIn, pressWithControl, scriptEditor, sees } from "../../fixtures/web-pages.ts";
import { SCRIPT } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile({ hasPages: true });

beforeEach(async () => {
  await store.reset();
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
});

async function openScript({ page }: BrowserPage) {
  // The compiler is 3.5 MB, which a busy machine takes a while to read.
  page.setDefaultTimeout(90_000);
  await logIn(page, `${webui.url}/projects/books`);
  const editor = scriptEditor(page, "books");
  await editor.focus();
  return editor;
}

test("the compiler is loaded with the first edit; then a wrong name is marked, with a message that names the right one", {
  skip,
}, async () => {
  await using browser = await openBrowser();
  const { page, complaints } = browser;
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(request.url()));
  const editor = await openScript(browser);
  const loadedBefore = loaded.filter((url) => url.includes("types"));

  await editor.write(SCRIPT.replace("callback:", "callbak:"));
  const mark = await inShadow(page, ".cm-lintRange-warning");
  const marked = await mark?.evaluate((element) => element.textContent);
  await mark?.hover();
  const message = await inShadow(page, ".cm-tooltip-lint");
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/type-error.png` });

  assert.deepEqual(loadedBefore, []);
  assert.equal(marked, "callbak");
  assert.match(String(await message?.evaluate((element) => element.textContent)), /did you mean.*'callback'/i);
  assert.deepEqual(complaints, []);
});

test("the editor completes the members of a response, and shows what each is", { skip }, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  const editor = await openScript(browser);
  const types = { before: "import { Crawler }", after: "import { Crawler, type Response }" };
  await editor.write(SCRIPT.replace(types.before, types.after).replace(/page\(\) \{[\s\S]*/, "page(response: Response) {\n    response"));

  await inShadow(page, ".cm-gutter-lint");
  await page.keyboard.type(".");
  await inShadow(page, ".cm-tooltip-autocomplete li");
  const members = await page.$$eval(">>> .cm-completionLabel", (labels) => labels.map((label) => label.textContent));
  await page.keyboard.type("sitem");
  await inShadow(page, ".cm-completionInfo");
  await page.keyboard.press("Enter");

  assert.ok(
    ["doc", "json", "text", "url", "statusCode"].every((name) => members.includes(name)),
    members.join(),
  );
  await until("the member is written", async () => (await editor.text()).includes("response.sitemap"));
});

test("Format and Shift-Alt-F indent the script, and one undo takes that back", { skip }, async () => {
  await using browser = await openBrowser();
  const { page, complaints } = browser;
  const editor = await openScript(browser);
  const untidy = SCRIPT.replaceAll(/^ +/gm, "");
  const shows = (text: string) => until(`the editor shows ${text}`, async () => (await editor.text()).trim() === text.trim());
  await editor.write(untidy);

  await (await page.waitForSelector("button::-p-text(Format)"))?.click();
  await shows(SCRIPT);
  await editor.focus();
  await pressWithControl(page, "z");
  await shows(untidy);
  await page.keyboard.down("Shift");
  await page.keyboard.down("Alt");
  await page.keyboard.press("f");
  await page.keyboard.up("Alt");
  await page.keyboard.up("Shift");
  await shows(SCRIPT);
  assert.deepEqual(complaints, []);
});

test("Ctrl-F searches the whole script, also lines that are not shown", { skip }, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  await webui.request("PUT", "/projects/books", { script: `${SCRIPT}${"// line\n".repeat(3_000)}// the last words\n` });
  await openScript(browser);

  await pressWithControl(page, "f");
  await inShadow(page, ".cm-search input[name=search]");
  await page.keyboard.type("last words");
  await page.keyboard.press("Enter");

  await inShadow(page, ".cm-searchMatch-selected");
});

test("the history shows how the text differs from an earlier version, and restores it to be saved", { skip }, async () => {
  await using browser = await openBrowser();
  const { page, complaints } = browser;
  await webui.request("PUT", "/projects/books", { script: SCRIPT.replace('"a"', '"b"') });
  const editor = await openScript(browser);

  await page.locator('aria/History[role="button"]').click();
  const select = await page.waitForSelector(".history select");
  await page.waitForSelector(".history option:nth-child(3)");
  const newest = await page.$eval(".history option:nth-child(2)", (option) => option.textContent);
  await select?.select((await page.$eval(".history option:nth-child(3)", (option) => option.value)) ?? "");
  const removed = await inShadow(page, ".cm-deletedChunk");
  const removedText = await removed?.evaluate((element) => element.textContent);
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/history.png` });
  await page.locator('aria/Restore[role="button"]').click();
  await sees(page, "The editor has the text of this version");
  const restored = await editor.text();
  await pressWithControl(page, "s");

  await until("it is saved", async () => (await webui.request("GET", "/projects/books")).json.script === SCRIPT);
  assert.match(newest ?? "", /as it is stored/);
  assert.match(removedText ?? "", /title: "a"/);
  assert.equal(restored, SCRIPT);
  assert.deepEqual(complaints, []);
});

test("a new project begins with the script for its kind of site", { skip }, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, webui.url);

  await page.locator("aria/New project").click();
  await page.locator('aria/Name[role="textbox"]').fill("api_of_books");
  await page.locator("aria/First address").fill("https://books.test/api");
  await (await page.waitForSelector("aria/Kind of site"))?.select("A JSON API");
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/new-project.png` });
  await page.locator("aria/Create").click();
  await page.waitForSelector("aria/Script of api_of_books");

  const { json } = await webui.request("GET", "/projects/api_of_books");
  assert.match(json.script, /class ApiOfBooks extends[\s\S]*crawl\("https:\/\/books\.test\/api", \{ callback: this\.page/);
});

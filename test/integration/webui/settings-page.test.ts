/** The settings of a project, and single requests to it, in a real browser. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { until } from "../../fixtures/until.ts";
import { logIn, sees } from "../../fixtures/web-pages.ts";
import { addTask, SCRIPT } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile({ hasPages: true });

beforeEach(async () => {
  await store.reset();
  await webui.request("PUT", "/projects/books", { script: SCRIPT, status: "RUNNING", rate: 2 });
  await store.database.exec("delete from inbox");
});

type Request = { kind: string; follows: { url: string; schedule: object; process: object; save?: object }[] };
const inbox = async () =>
  (await store.database.query<{ request: Request }>("select request from inbox order by id")).map((row) => row.request);

test("labels, lock, comment and rate are saved, and a locked project refuses further changes", { skip }, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, `${webui.url}/projects/books/settings`);

  await page.locator("aria/Labels").fill("shop de");
  await page.locator("aria/Comment").fill("of the shop");
  await page.locator("aria/Rate").fill("0.5");
  await page.locator("aria/Locked: it cannot be changed, cleared or deleted until it is unlocked").click();
  await page.locator('aria/Save[role="button"]').click();
  await sees(page, "Saved");
  const { group, comments, rate } = (await webui.request("GET", "/projects/books")).json;
  await page.locator("aria/Rate").fill("3");
  await page.locator('aria/Save[role="button"]').click();
  await sees(page, "is locked");

  assert.deepEqual({ group, comments, rate }, { group: "shop de lock", comments: "of the shop", rate: 0.5 });
});

test("one URL is run, a message is sent, and the project is copied", { skip }, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, `${webui.url}/projects/books/settings`);

  await page.locator('aria/URL[role="textbox"]').fill("http://books.test/one");
  await page.locator("aria/Callback").fill("page");
  await page.locator('form[aria-label="Run one URL"] button').click();
  await until("the URL is requested", async () => (await inbox()).length === 1);
  await page.locator("aria/Message").fill('{"page": 2}');
  await page.locator('aria/Send[role="button"]').click();
  await until("the message is requested", async () => (await inbox()).length === 2);
  await page.locator("aria/Name of the copy").fill("books2");
  await page.locator('aria/Copy[role="button"]').click();
  await until("the copy is open", () => page.url().endsWith("/projects/books2"));

  const [run, message] = await inbox();
  assert.deepEqual(
    run?.follows.map(({ url, process }) => ({ url, process })),
    [{ url: "http://books.test/one", process: { callback: "page" } }],
  );
  assert.deepEqual(message?.follows[0]?.save, { project: "", message: { page: 2 }, url: "data:,on_message" });
  const copy = (await webui.request("GET", "/projects/books2")).json;
  assert.deepEqual([copy.script, copy.status, copy.rate], [SCRIPT, "TODO", 2]);
});

test("a waiting task is cancelled", async () => {
  await addTask(store.database, { project: "books", taskid: "a", status: 1, updatetime: 1 });

  assert.equal((await webui.request("POST", "/tasks/books/a/cancel")).status, 202);

  const [request] = await inbox();
  assert.deepEqual(request?.follows[0]?.schedule, { cancel: true, forceUpdate: true });
});

test("the next calls by the clock are those of the script as it ran last", async () => {
  const info = {
    every: [{ callback: "onStart", seconds: 3_600 }],
    cron: [{ callback: "nightly", expression: "0 4 * * *", timeZone: "UTC" }],
  };
  await store.database.query("update projects set info = $1 where name = 'books'", [JSON.stringify(info)]);
  const now = Date.now() / 1_000;

  const { json } = await webui.request("GET", "/projects/books/ticks");

  const at = new Map<string, number>(json.map((tick: { callback: string; at: number }) => [tick.callback, tick.at]));
  assert.equal(at.get("onStart"), (Math.floor(now / 3_600) + 1) * 3_600);
  assert.ok(((at.get("nightly") ?? 0) - 4 * 3_600) % 86_400 === 0);
});

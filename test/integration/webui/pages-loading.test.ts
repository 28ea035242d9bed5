/** When the web UI's pages load their data, in a real browser. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type BrowserPage, openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { until } from "../../fixtures/until.ts";
import { logIn, recordRequests, scriptEditor, sees, setHidden } from "../../fixtures/web-pages.ts";
import { addResults, addTask, SCRIPT } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile({ hasPages: true });

beforeEach(async () => {
  await store.reset();
  await webui.request("PUT", "/projects/books", { script: SCRIPT, status: "RUNNING" });
  await webui.request("PUT", "/projects/shoes", { script: SCRIPT });
  await addResults(store.database, "books", 70);
  await addTask(store.database, { project: "books", taskid: "bad", status: 3, updatetime: 11 });
});

const PROJECT = ["/summary?name=books"];
/** What each page keeps new, and what it loads once. */
const PAGES: [path: string, kept: string[], once: string[]][] = [
  ["/", ["/cluster", "/queues", "/summary"], []],
  ["/cluster", ["/cluster", "/dead-letters", "/queues", "/replicas"], []],
  ["/projects/books", PROJECT, ["/projects/books"]],
  ["/projects/books/results", [...PROJECT, "/projects/books/results", "/projects/books/results/count"], []],
  ["/projects/books/tasks?status=FAILED", [...PROJECT, "/projects/books/failures", "/projects/books/tasks?status=FAILED"], []],
  ["/projects/books/tasks/bad", [...PROJECT, "/tasks/books/bad"], []],
  ["/projects/books/log", [...PROJECT, "/projects/books/log"], []],
  ["/projects/books/activity", [...PROJECT, "/projects/books/activity?window=1h"], []],
  ["/no-page", [], []],
];
const POLL_MS = 2_000;
/** Over HTTP/1.1 a browser has six connections to a site, and each page's stream keeps one. */
const AT_ONCE = 4;

/** Results are not sent by the stream. */
const isPolled = (path: string) => path.includes("/results");
const streamOf = (paths: string[]) => `/events?${new URLSearchParams(paths.toSorted().map((path) => ["path", path]))}`;

test("each page has a stream for the data that it shows and polls nothing of it; a hidden tab has none, and loads when it is shown again", {
  skip,
}, async () => {
  await using browser = await openBrowser();
  await logIn(browser.page, webui.url);
  await browser.page.goto("about:blank");

  for (let first = 0; first < PAGES.length; first += AT_ONCE) await Promise.all(PAGES.slice(first, first + AT_ONCE).map(check));

  async function check([path, kept, once]: (typeof PAGES)[number]) {
    // A window of its own can be hidden alone.
    const page = await browser.page.browser().newPage({ type: "window" });
    await checkLoading(page, { path, kept, once: ["/session", ...once] });
    await page.close();
  }
});

async function checkLoading(page: BrowserPage["page"], { path, kept, once }: { path: string; kept: string[]; once: string[] }) {
  const requests = recordRequests(page);
  const stream = streamOf(kept.filter((one) => !isPolled(one)));
  await page.goto(webui.url + path);
  await until(`${path} loads`, () => isEach([...kept, ...once], requests.count, 1));
  if (kept.length > 0) await until(`${path} has a stream`, () => requests.count(stream) === 1);
  for (const one of once) assert.equal(requests.count(one), 1, `${one} on ${path}`);
  await delay(POLL_MS);
  requests.clear();
  await delay(2 * POLL_MS);
  assert.deepEqual(requests.paths(), kept.filter(isPolled), path);

  await setHidden(page, true);
  await page.evaluate(NOTE_WHEN_SHOWN);
  requests.clear();
  // No event says that nothing comes.
  await delay(POLL_MS + 500);
  assert.deepEqual(requests.paths(), [], `hidden ${path}`);

  await setHidden(page, false);
  await until(`${path} loads again`, () => isEach(kept, requests.count, 1));
  if (kept.length === 0) return;
  await until(`${path} has a stream again`, () => requests.count(stream) === 1);
  const delayMs = await until("a request has ended", () => page.evaluate(REQUESTED_AFTER_SHOWN));
  assert.ok(Number(delayMs) < POLL_MS / 2, `${path} loads after ${delayMs} ms`);
}

test("a page without a stream polls", { skip }, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  await page.setRequestInterception(true);
  page.on("request", (request) => void (request.url().includes("/events") ? request.abort() : request.continue()));
  const requests = recordRequests(page);
  await logIn(page, webui.url);

  await until("it polls", () => requests.count("/summary") >= 3);
});

test("what changes on the server is shown without a request of the page", { skip }, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  const requests = recordRequests(page);
  await logIn(page, webui.url);
  await until("it has a stream", () => requests.count(streamOf(["/cluster", "/queues", "/summary"])) === 1);
  await delay(POLL_MS);
  requests.clear();

  await webui.request("PUT", "/projects/shoes", { comments: "new words" });
  await sees(page, "new words");

  assert.deepEqual(requests.paths(), []);
});

const isEach = (paths: string[], count: (path: string) => number, times: number) => paths.every((path) => count(path) >= times);

const NOTE_WHEN_SHOWN = 'document.addEventListener("visibilitychange", () => { window.shownAt = performance.now(); })';
/** Milliseconds from then to the next request, as a text; undefined until a request has ended. */
const REQUESTED_AFTER_SHOWN = `performance.getEntriesByType("resource").map(({ startTime }) => startTime - window.shownAt)
  .find((delay) => delay >= 0)?.toFixed()`;

test("the back and forward buttons lead through the pages", { skip }, async () => {
  await using browser = await openBrowser();
  const { page, complaints } = browser;
  await logIn(page, webui.url);
  const steps: [link: string, text: string][] = [
    ['aria/books[role="link"]', "Save and run"],
    ['aria/Results[role="link"]', "part 70"],
    ["aria/Older →", "part 20"],
    ['aria/Tasks[role="link"]', "books.test/bad"],
    ['aria/Projects[role="link"]', "shoes"],
  ];
  const visited: [url: string, text: string][] = [];
  for (const [link, text] of steps) {
    await page.locator(link).click();
    await sees(page, text);
    visited.push([page.url(), text]);
  }

  for (const [url, text] of visited.slice(0, -1).reverse()) {
    await page.goBack();
    await sees(page, text);
    assert.equal(page.url(), url);
  }
  await page.goForward();
  await sees(page, "part 70");

  assert.equal(page.url(), `${webui.url}/projects/books/results`);
  assert.deepEqual(complaints, []);
});

test("the back button leaves a script with unsaved changes only after a question", { skip }, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, webui.url);
  let questions = 0;
  page.on("dialog", (dialog) => {
    questions += 1;
    void (questions === 1 ? dialog.dismiss() : dialog.accept());
  });
  await page.locator('aria/books[role="link"]').click();
  await scriptEditor(page, "books").write("// changed");
  await sees(page, "Unsaved changes");

  await page.evaluate("history.back()");
  await until("the question is asked", () => questions === 1);
  await sees(page, "Unsaved changes");
  const stayed = page.url();
  await page.evaluate("history.back()");
  await sees(page, "shoes");

  assert.equal(stayed, `${webui.url}/projects/books`);
  assert.equal(page.url(), `${webui.url}/`);
  assert.equal(questions, 2);
});

test("a page that is left and opened again is shown without waiting for the API, but a script is loaded before it can be changed", {
  skip,
}, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, `${webui.url}/projects/books`);
  await sees(page, "Save and run");
  await page.locator('aria/Results[role="link"]').click();
  await sees(page, "part 70");
  await page.locator('aria/Tasks[role="link"]').click();
  await sees(page, "books.test/bad");
  await webui.request("PUT", "/projects/books", { script: `${SCRIPT}// newer` });

  await page.setOfflineMode(true);
  await page.locator('aria/Results[role="link"]').click();
  await sees(page, "part 70");
  await page.locator('aria/Script[role="link"]').click();
  await sees(page, "The web UI does not answer");
  const early = await page.$(">>> .cm-content");
  await page.setOfflineMode(false);
  const script = await scriptEditor(page, "books").text();

  assert.equal(early, null);
  assert.match(script, /\/\/ newer$/);
});

test("a failure is shown until a request succeeds, which the page repeats by itself", { skip }, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, `${webui.url}/projects/books/tasks/new`);
  const requests = recordRequests(page);
  const notice = await page.waitForSelector(".failure");

  await until("it is loaded again", () => requests.count("/tasks/books/new") >= 2);
  const isKept = await notice?.evaluate((element) => element.isConnected);
  await addTask(store.database, { project: "books", taskid: "new", status: 2, updatetime: 12 });
  await sees(page, "books.test/new");
  await until("the notice is gone", async () => (await page.$(".failure")) === null);
  await page.setOfflineMode(true);
  await sees(page, "The web UI does not answer");
  await sees(page, "books.test/new");
  await page.setOfflineMode(false);
  await until("the notice is gone", async () => (await page.$(".failure")) === null);

  assert.equal(isKept, true);
});

test("after a change, what the page shows is loaded immediately", { skip }, async () => {
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, webui.url);
  const select = await page.waitForSelector("aria/State of shoes");

  await select?.select("DEBUG");
  const delayMs = await until("it loads again", () => page.evaluate(LOADED_AFTER_CHANGE));

  assert.ok(Number(delayMs) < POLL_MS / 2, `it loads after ${delayMs} ms`);
});

/** Milliseconds from the end of the change to the next request for the list, as a text; undefined until that has ended. */
const LOADED_AFTER_CHANGE = `(() => {
  const requests = performance.getEntriesByType("resource");
  const change = requests.find(({ name }) => name.endsWith("/projects/shoes"));
  const next = requests.find(({ name, startTime }) => name.endsWith("/summary") && startTime >= change?.responseEnd);
  return next && (next.startTime - change.responseEnd).toFixed();
})()`;

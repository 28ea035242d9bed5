/** axe-core on every page of the web UI, light and dark, and a crawl that is created without a mouse. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Page } from "puppeteer-core";
import { openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { until } from "../../fixtures/until.ts";
import { logIn, sees } from "../../fixtures/web-pages.ts";
import { addTwoProjects } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

const { store, webui } = await openWebuiOfFile({ hasPages: true });

/** What axe-core finds, a line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations: found } = (await page.evaluate("axe.run()")) as AxeResults;
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
}

/** Each page, a text by which it is complete, and what a user does there first. */
const STATES: [path: string, text: string, act?: (page: Page) => Promise<unknown>][] = [
  ["/", "shoes"],
  ["/?search=none", "No project matches"],
  ["/", "Clear the selection", (page) => page.locator('aria/Select books[role="checkbox"]').click()],
  [
    "/",
    "Keep them",
    async (page) => {
      await page.locator('aria/Select all listed projects[role="checkbox"]').click();
      await page.locator('aria/Delete…[role="button"]').click();
    },
  ],
  ["/", "First address", (page) => page.locator('aria/New project[role="button"]').click()],
  ["/cluster", "it killed its workers"],
  ["/projects/books", "Save and run"],
  ["/projects/books", "Keep it", (page) => page.locator('aria/Delete…[role="button"]').click()],
  ["/projects/books/results", "part 3"],
  ["/projects/shoes/results", "No results"],
  ["/projects/books/tasks", "books.test/good"],
  ["/projects/books/tasks?status=FAILED", "books.test/bad"],
  ["/projects/shoes/tasks", "No tasks yet"],
  ["/projects/books/tasks?task=bad", "Printed by the script"],
  ["/projects/books/tasks/bad", "Printed by the script"],
  ["/projects/books/tasks/none", "There is no task"],
  ["/projects/books/log", "printed by the script"],
  ["/projects/shoes/log", "No entries yet"],
  ["/projects/books/activity", "Pages a minute"],
  ["/projects/books/settings", "Send a message"],
  ["/projects/none", "There is no project none"],
  ["/no-page", "There is no page"],
];

test("axe-core finds no violation on any page, light and dark", { skip }, async () => {
  await store.reset();
  await addTwoProjects({ database: store.database, request: webui.request });
  await store.database.exec("insert into project_totals (project, pending, success, failed) values ('books', 1, 5, 2)");
  await using browser = await openBrowser();
  const { page } = browser;
  const found: string[] = [];
  const look = async (what: string) => {
    for (const value of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
      found.push(...(await violations(page)).map((one) => `${what}, ${value}: ${one}`));
    }
  };

  await page.goto(webui.url);
  await sees(page, "Administrator");
  await look("login");
  await logIn(page, webui.url);
  for (const [path, text, act] of STATES) {
    await page.goto(webui.url + path);
    await act?.(page);
    await sees(page, text);
    await look(`${path} (${text})`);
  }

  assert.deepEqual(found, []);
});

test("a project is created, saved and run with the keyboard alone", { skip }, async () => {
  await store.reset();
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, webui.url);
  const focused = () =>
    page.evaluate<[], () => string>(
      "document.activeElement.ariaLabel || document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent" as never,
    );
  const tabTo = (label: string) =>
    until(`${label} is reached with the tab key`, async () => {
      if ((await focused()) === label) return true;
      await page.keyboard.press("Tab");
      return false;
    });

  await sees(page, "No projects yet");
  await tabTo("New project");
  await page.keyboard.press("Enter");
  await tabTo("Name");
  await page.keyboard.type("books");
  await page.keyboard.press("Enter");
  await until("the script is open", () => page.url().endsWith("/projects/books"));
  await sees(page, "Save and run");
  await tabTo("Save and run");
  await page.keyboard.press("Enter");

  await until("it runs", async () => ["DEBUG", "RUNNING"].includes((await webui.request("GET", "/projects/books")).json.status));
});

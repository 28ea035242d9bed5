/**
 * Pictures of every page of the web UI, light and dark, in docs/pictures: `node test/pictures/main.ts`. It crawls the demonstration site with
 * `./orb start`, so it needs Chromium and about two minutes.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { startSite } from "../../demo/site.ts";
import { ROOT } from "../../services/core/runtime/checkout.ts";
import { readToken } from "../../services/core/runtime/token.ts";
import { openBrowser } from "../fixtures/browser.ts";
import { siteScript } from "../fixtures/site-script.ts";
import { startEverything } from "../fixtures/started-orb.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { until } from "../fixtures/until.ts";

const FOLDER = join(ROOT, "docs/pictures");
const SIZE = { width: 1280, height: 760 };
const PAGES = 400;

/** The name of each picture, its page, and a text by which the page is complete. */
const PICTURES: [name: string, path: (taskid: string) => string, text: string][] = [
  ["projects", () => "/", "catalogue"],
  ["cluster", () => "/cluster", "all roles"],
  ["script", () => "/projects/catalogue", "Save and run"],
  ["results", () => "/projects/catalogue/results", "Older"],
  ["tasks", () => "/projects/catalogue/tasks", "SUCCESS"],
  ["task", (taskid) => `/projects/catalogue/tasks/${taskid}`, "Process"],
  ["failures", () => "/projects/catalogue/tasks?status=FAILED", "FAILED"],
  ["log", () => "/projects/catalogue/log", "printed by the script"],
  ["activity", () => "/projects/catalogue/activity", "Pages a minute"],
  ["settings", () => "/projects/catalogue/settings", "Send a message"],
];

using directory = temporaryDirectory();
await using site = await startSite({ pages: PAGES });
await using orb = await startEverything(directory.path);
await fill();
await oneMinute();
await using browser = await openBrowser();
const { page } = browser;
await page.setViewport(SIZE);
mkdirSync(FOLDER, { recursive: true });
await page.goto(orb.url);
await page.waitForSelector("::-p-text(Administrator)");
await both(page, "login");
await page.locator("aria/Administrator's token").fill(readToken(directory.path));
await page.keyboard.press("Enter");
await page.waitForSelector("header");
const { tasks } = (await (await orb.api("GET", "/projects/catalogue/tasks?status=SUCCESS&limit=1")).json()) as {
  tasks: { taskid: string }[];
};
for (const [name, path, text] of PICTURES) {
  await page.goto(orb.url + path(tasks[0]?.taskid ?? ""));
  await page.waitForSelector(`::-p-text(${text})`, { visible: true });
  await page.waitForNetworkIdle({ idleTime: 500, concurrency: 1 });
  await both(page, name);
}

/** Some projects in different states; the crawl of one of them is nearly over. */
async function fill(): Promise<void> {
  const pace = { rate: 50, burst: 50 };
  const put = (name: string, fields: object) =>
    orb.api("PUT", `/projects/${name}`, { script: siteScript(site.origin), ...pace, ...fields });
  await put("catalogue", { status: "RUNNING", group: "shop", comments: "All pages of the demonstration site" });
  await put("news", { status: "RUNNING", rate: 2, burst: 3, group: "press" });
  await put("prices", { status: "RUNNING", rate: 0, group: "shop" });
  await put("reviews", {});
  await put("archive", { status: "STOP", group: "press lock" });
  for (const name of ["catalogue", "news"]) await orb.api("POST", `/projects/${name}/run`);
  await until(
    "the crawl is nearly over",
    async () => {
      const counters = (await (await orb.api("GET", "/counters?project=catalogue")).json()) as Record<
        string,
        { all: { success: number; failed: number } }
      >;
      const { success = 0, failed = 0 } = counters.catalogue?.all ?? {};
      return success > PAGES / 2 && failed > 0;
    },
    240_000,
    500,
  );
}

/** The line of pages a minute has whole minutes only. */
async function oneMinute(): Promise<void> {
  const pages = async () => {
    const summary = (await (await orb.api("GET", "/summary?name=catalogue")).json()) as Record<string, { pagesPerMinute: number[] }>;
    return (summary.catalogue?.pagesPerMinute ?? []).some((count) => count > 0);
  };
  await until("a minute with pages is over", pages, 120_000, 500);
}

async function both(shown: Page, name: string): Promise<void> {
  for (const value of ["light", "dark"]) {
    await shown.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    writeFileSync(join(FOLDER, `${name}-${value}.png`), await shown.screenshot({ optimizeForSpeed: false }));
  }
}

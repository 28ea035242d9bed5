/**
 * Question: how long does a key take in a script of 4,000 lines, when the CPU is slowed 4 times? How soon is an error of a short one marked?
 * Workload: 100 keys of code and 100 of a comment, 120 ms apart, in the middle of the script, with types loaded; then 5 errors in a script of 10 lines.
 * Run:      node test/bench/editor.bench.ts
 * Reports:  two JSON lines: medians and 95th percentiles in ms, and the time of the same script with the CPU as it is.
 * Not:      the time of a browser's own painting on a screen; Chromium runs without one.
 */
import type { Page } from "puppeteer-core";
import { buildPages } from "../../services/webui/pages-build.ts";
import { openBrowser } from "../fixtures/browser.ts";
import { openTestEmbedded } from "../fixtures/database.ts";
import { inShadow, logIn } from "../fixtures/web-pages.ts";
import { SCRIPT, startTestWebui } from "../fixtures/webui.ts";

const LINES = 4_000;
const KEYS = 100;
const CODE = "const row = response.doc.find; if (row !== undefined) this.sendMessage; ".repeat(2);
const COMMENT = "// a comment that is long enough. ".repeat(4);
const ERRORS = 5;
const KEY_PAUSE_MS = 120;
const SLOWED = 4;

const methods = Array.from(
  { length: LINES / 5 },
  (_, index) => `  page${index}(response: Response) {
    const title = response.doc("h1").text();
    if (title === "") this.crawl("http://books.test/${index}", { callback: this.page${index} });
    return { title, url: response.url };
  }`,
);
const script = SCRIPT.replace("{ Crawler }", "{ Crawler, type Response }").replace(/\}\n$/, `${methods.join("\n")}\n}\n`);

/** From a key to the first moment after the frame that shows it. */
const RECORD_KEYS = `window.keyTimes = [];
if (!window.recordsKeys) window.addEventListener("keydown", ({ timeStamp }) =>
  requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => window.keyTimes.push(performance.now() - timeStamp); port2.postMessage(0); }), true);
window.recordsKeys = true`;
/** From the last key to the mark of an error. */
const RECORD_MARKS = `new Promise((done) => {
  const root = document.querySelector(".code-host").shadowRoot;
  const pressed = performance.now();
  const look = () => root.querySelector(".cm-lintRange") ? done(performance.now() - pressed) : setTimeout(look, 5);
  setTimeout(look, 5);
})`;

await buildPages(() => {});
await using store = await openTestEmbedded();
await using webui = await startTestWebui(store.database);
await webui.request("PUT", "/projects/books", { script });
await using browser = await openBrowser();
const { page } = browser;
page.setDefaultTimeout(60_000);
page.on("dialog", (dialog) => void dialog.accept());
await logIn(page, `${webui.url}/projects/books?line=2000`);
await loadTypes(page);
const keys = {
  asItIs: { code: await measureKeys(page, CODE, 1), comment: await measureKeys(page, COMMENT, 1) },
  slowed: { code: await measureKeys(page, CODE, SLOWED), comment: await measureKeys(page, COMMENT, SLOWED) },
};
process.stdout.write(`${JSON.stringify({ lines: script.split("\n").length, keyMs: keys })}\n`);
await webui.request("PUT", "/projects/short", { script: SCRIPT });
await page.goto(`${webui.url}/projects/short?line=4`);
await loadTypes(page);
const marks = await measureMarks(page);
process.stdout.write(`${JSON.stringify({ lines: SCRIPT.split("\n").length, markMs: marks })}\n`);

async function loadTypes(page: Page) {
  await inShadow(page, ".cm-focused");
  await page.keyboard.press("End");
  await page.keyboard.type(" ");
  await inShadow(page, ".cm-gutter-lint");
}

async function measureKeys(page: Page, text: string, rate: number) {
  await page.keyboard.press("Enter");
  const session = await page.createCDPSession();
  await session.send("Emulation.setCPUThrottlingRate", { rate });
  await page.evaluate(RECORD_KEYS);
  await page.keyboard.type(text.slice(0, KEYS), { delay: KEY_PAUSE_MS });
  await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  return figures((await page.evaluate("window.keyTimes")) as number[]);
}

async function measureMarks(page: Page) {
  const times: number[] = [];
  for (let turn = 0; turn <= ERRORS; turn++) {
    // A number with letters is an error anywhere.
    await page.keyboard.type(";9", { delay: KEY_PAUSE_MS });
    await page.keyboard.press("x");
    times.push((await page.evaluate(RECORD_MARKS)) as number);
    for (let key = 0; key < 3; key++) await page.keyboard.press("Backspace");
    await page.waitForFunction('!document.querySelector(".code-host").shadowRoot.querySelector(".cm-lintRange")');
  }
  // The first waits for the compiler to start.
  return { first: times[0], ...figures(times.slice(1)) };
}

function figures(values: number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN) * 10) / 10;
  return { median: at(0.5), p95: at(0.95), worst: at(1), count: sorted.length };
}

/**
 * Question: how smooth is the dashboard with 500 projects whose counters change, and what does it transfer?
 * Workload: 500 running projects in an embedded Postgres; each second 50 of them have new events. Chromium, 1,280 by 760 pixels, without a GPU: 30 s at
 *           rest, then 10 s in which the page scrolls by 30 pixels a frame, down and up.
 * Run:      node test/bench/dashboard.bench.ts [PROJECTS]
 * Reports:  one JSON line: frames/s at rest and while it scrolls, the longest time between two frames in ms, events and KB/s received at rest.
 * Compare:  the goals, 50 frames/s and 10 KB/s; an empty page in the same browser (`frames.empty`) is the most that this machine can draw.
 * Not:      a browser that draws with a GPU.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "puppeteer-core";
import type { Database } from "../../services/core/store/sql.ts";
import { buildPages } from "../../services/webui/pages-build.ts";
import { openBrowser } from "../fixtures/browser.ts";
import { openTestEmbedded } from "../fixtures/database.ts";
import { logIn, sees } from "../fixtures/web-pages.ts";
import { SCRIPT, startTestWebui } from "../fixtures/webui.ts";

const REST_MS = 30_000;
const SCROLL_MS = 10_000;
const BUSY_SHARE = 10;
const SCROLL_PX = 30;
const projects = Number(process.argv[2] ?? 500);
const names = Array.from({ length: projects }, (_, index) => `project_${String(index).padStart(3, "0")}`);

/** Counts frames; with a step, each of them scrolls, to the end and back. */
const COUNT_FRAMES = `(measuredMs, step) => new Promise((done) => {
  const began = performance.now();
  let frames = 0, longest = 0, last = began, direction = step;
  const onFrame = (now) => {
    frames++;
    longest = Math.max(longest, now - last);
    last = now;
    const end = document.documentElement.scrollHeight - innerHeight;
    if (scrollY >= end) direction = -step;
    if (scrollY <= 0) direction = step;
    if (step > 0) scrollBy(0, direction);
    if (now - began < measuredMs) requestAnimationFrame(onFrame);
    else done({ perSecond: Math.round(frames * 10_000 / (now - began)) / 10, longestMs: Math.round(longest) });
  };
  requestAnimationFrame(onFrame);
})`;

await buildPages(() => {});
await using store = await openTestEmbedded();
await using webui = await startTestWebui(store.database);
for (const name of names) await webui.request("PUT", `/projects/${name}`, { script: SCRIPT, status: "RUNNING", group: "shop" });
await store.database.query(
  "insert into project_totals (project, pending, success, failed) select name, 10, 20, 1 from unnest($1::text[]) name",
  [names],
);
await using browser = await openBrowser();
const { page } = browser;
await page.setViewport({ width: 1280, height: 760 });
const empty = await countFrames(page, { ms: SCROLL_MS, step: 0 });
const received = await countBytes(page);
await logIn(page, webui.url);
await sees(page, names[0] ?? "");
const stop = new AbortController();
const living = live(store.database, stop.signal);
await delay(3_000);
const before = { ...received };
const rest = await countFrames(page, { ms: REST_MS, step: 0 });
const kilobytes = (received.bytes - before.bytes) / 1_000;
const events = received.events - before.events;
const scrolling = await countFrames(page, { ms: SCROLL_MS, step: SCROLL_PX });
stop.abort();
await living;
const frames = { empty: empty.perSecond, rest: rest.perSecond, scrolling: scrolling.perSecond };
const longestMs = { rest: rest.longestMs, scrolling: scrolling.longestMs };
process.stdout.write(
  `${JSON.stringify({ projects, frames, longestMs, events, kilobytesPerSecond: Math.round((kilobytes * 10_000) / REST_MS) / 10 })}\n`,
);

async function countFrames(page: Page, { ms, step }: { ms: number; step: number }) {
  return (await page.evaluate(`(${COUNT_FRAMES})(${ms}, ${step})`)) as { perSecond: number; longestMs: number };
}

/** Of all answers and events from now on; events before compression. */
async function countBytes(page: Page): Promise<{ bytes: number; events: number }> {
  const session = await page.createCDPSession();
  await session.send("Network.enable");
  const counted = { bytes: 0, events: 0 };
  session.on("Network.dataReceived", ({ encodedDataLength }) => {
    counted.bytes += encodedDataLength;
  });
  session.on("Network.eventSourceMessageReceived", ({ data }) => {
    counted.bytes += data.length;
    counted.events += 1;
  });
  return counted;
}

/** New events of some projects each second. */
async function live(database: Database, signal: AbortSignal): Promise<void> {
  for (let second = 0; !signal.aborted; second++) {
    const busy = names.filter((_, index) => index % BUSY_SHARE === second % BUSY_SHARE);
    const window = Math.floor(Date.now() / 10_000) * 10;
    await database.query(
      `insert into counters select name, $2, 1, 2, 0, 1, 50, 5 from unnest($1::text[]) name
       on conflict (project, at) do update set success = counters.success + 2, pending = counters.pending + 1`,
      [busy, window],
    );
    await delay(1_000, undefined, { signal }).catch(() => {});
  }
}

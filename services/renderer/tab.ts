import { setTimeout as delay } from "node:timers/promises";
import type { Browser, BrowserContext, Page as BrowserPage, CDPSession } from "puppeteer-core";
import { withTimeout } from "../core/runtime/with-timeout.ts";
import { timerScript } from "./timer-watch.ts";

const CLOSE_MS = 2_000;
/** A busy machine takes a second or two. A Chromium whose zygote process was killed, for example by the kernel for lack of memory, never answers. */
const OPEN_MS = 10_000;
/** What a page can store, besides cookies. */
const STORED = "all";

/** A separate page in a separate browser context: it shares no cookies, storage or cache with other tabs. */
export interface Tab {
  context: BrowserContext;
  page: BrowserPage;
  cdp: CDPSession;
  /** Chromium's id of the main frame. */
  frameId: string;
  /** The name of the function that knows about the page's timers. */
  timerKey: string;
  /** The size and the user agent of its last page. */
  window: string | undefined;
}

/** This Chromium is no longer usable. */
export class TabStuckError extends Error {}

/**
 * Opens a tab.
 *
 * @param proxyPort of a separate proxy on loopback; undefined: Chromium's.
 * @throws TabStuckError if Chromium does not open one in time.
 */
export function openTab(browser: Browser, proxyPort: number | undefined): Promise<Tab> {
  return withTimeout(open(browser, proxyPort), OPEN_MS, () => new TabStuckError(`no tab opened within ${OPEN_MS / 1_000} s`));
}

async function open(browser: Browser, proxyPort: number | undefined): Promise<Tab> {
  const proxy = proxyPort === undefined ? {} : { proxyServer: `http://127.0.0.1:${proxyPort}`, proxyBypassList: ["<-loopback>"] };
  const context = await browser.createBrowserContext({ downloadBehavior: { policy: "deny" }, ...proxy });
  try {
    const page = await context.newPage();
    const cdp = await page.createCDPSession();
    const timerKey = `orbweaver ${crypto.randomUUID()}`;
    await page.evaluateOnNewDocument(timerScript(timerKey));
    page.on("dialog", (dialog) => void dialog.dismiss().catch(() => {}));
    const [{ frameTree }] = await Promise.all([cdp.send("Page.getFrameTree"), cdp.send("Network.enable")]);
    return { context, page, cdp, frameId: frameTree.frame.id, timerKey, window: undefined };
  } catch (error) {
    await context.close().catch(() => {});
    throw error;
  }
}

/** False: it did not close in time. */
export async function closeTab({ context }: Tab): Promise<boolean> {
  const closed = context.close().then(
    () => true,
    // Closed with its browser.
    () => true,
  );
  return await Promise.race([closed, delay(CLOSE_MS, false)]);
}

/**
 * Empties a tab for the next page of its project: no document, cookies, storage, cache, history or other windows remain. Its connections do.
 *
 * @param origins of everything that the page loaded.
 * @returns false if the tab must be closed instead.
 */
export async function emptyTab(tab: Tab, origins: Iterable<string>): Promise<boolean> {
  return await withTimeout(empty(tab, origins), CLOSE_MS, () => new Error("it takes too long")).then(
    () => true,
    () => false,
  );
}

/** The storage of a session belongs to the tab; only its own documents can clear it. */
const LEAVE = "try { window.name = ''; sessionStorage.clear(); } catch {}";

async function empty({ context, page, cdp }: Tab, origins: Iterable<string>): Promise<void> {
  await Promise.all(page.frames().map((frame) => frame.evaluate(LEAVE)));
  await page.goto("about:blank");
  const others = (await context.pages()).filter((other) => other !== page);
  await Promise.all([
    ...others.map((other) => other.close()),
    ...[...new Set(origins)].map((origin) => cdp.send("Storage.clearDataForOrigin", { origin, storageTypes: STORED })),
    cdp.send("Network.clearBrowserCookies"),
    cdp.send("Network.clearBrowserCache"),
    cdp.send("Page.resetNavigationHistory"),
  ]);
}

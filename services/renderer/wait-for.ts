/** What a rendered page has to have before it is read. */
import { setTimeout as delay } from "node:timers/promises";
import type { Page as BrowserPage } from "puppeteer-core";
import { matchesPattern, type WaitFor } from "../core/protocol/render-options.ts";
import { RenderOptionError } from "./errors.ts";
import type { NetworkWatch } from "./network-watch.ts";
import { pendingOf } from "./page-watch.ts";
import { awaitedRequests, IDLE_MS, idleMs, longestPending, QUIET_MS, quietMs, wantedQuietMs } from "./quiet.ts";

const LOOK_MS = 20;

export interface Waiting {
  page: BrowserPage;
  watchKey: string;
  network: NetworkWatch;
  /** Of the answers that have arrived. */
  answeredUrls: readonly string[];
  limitMs: number;
  /** Called with a text if something of the page will be missing. */
  onCut(text: string): void;
  /** Aborts at the page's deadline. */
  signal: AbortSignal;
}

/** For messages: `an element "#a"`. */
export function describeWait(waitFor: WaitFor | undefined): string {
  if (waitFor === undefined) return "quiet";
  if (waitFor === "networkidle") return "an idle network";
  if (typeof waitFor === "number") return `${waitFor} ms`;
  if (typeof waitFor === "string") return `an element ${JSON.stringify(waitFor)}`;
  return "text" in waitFor ? `the text ${JSON.stringify(waitFor.text)}` : `the answer to a request ${JSON.stringify(waitFor.request)}`;
}

/**
 * Waits for what the task wants, without an end of its own. Rejects with RenderOptionError for an invalid selector, and with Chromium's errors.
 *
 * @param waitFor undefined: quiet, see `waitForQuiet`.
 */
export async function waitFor(waiting: Waiting, wanted: WaitFor | undefined): Promise<void> {
  const { page, signal, network, answeredUrls } = waiting;
  if (wanted === undefined) await waitForQuiet(waiting);
  else if (wanted === "networkidle") await until(signal, () => idleMs(network.state, performance.now()) >= IDLE_MS);
  else if (typeof wanted === "number") await delay(wanted, undefined, { signal });
  else if (typeof wanted === "string") await waitForElement(waiting, wanted);
  else if ("text" in wanted) await page.waitForSelector(`text/${wanted.text}`, { timeout: 0, signal });
  else await until(signal, () => answeredUrls.some((url) => matchesPattern(url, wanted.request)));
}

/** Rejects as `waitFor` does. */
export async function waitForElement({ page, signal }: Pick<Waiting, "page" | "signal">, selector: string): Promise<void> {
  await page.$(selector).catch((error) => {
    if (!/not a valid selector/.test(String(error))) return;
    throw new RenderOptionError(page.url(), `${JSON.stringify(selector)} is not a valid CSS selector`);
  });
  await page.waitForSelector(selector, { timeout: 0, signal });
}

/** Until the network is quiet for as long as the page's scripts make it necessary: not at all, if they wait for nothing. */
export async function waitForQuiet({ page, watchKey, network, limitMs, signal }: Omit<Waiting, "answeredUrls">): Promise<void> {
  const isQuiet = (wantedMs: number) => {
    const now = performance.now();
    return awaitedRequests(network.state, now, limitMs).length === 0 && quietMs(network.state, now, limitMs) >= wantedMs;
  };
  await until(signal, async () => {
    if (!isQuiet(0)) return false;
    if (isQuiet(QUIET_MS)) return true;
    const pending = network.hasStream ? "timer" : longestPending([await pendingOf(page, watchKey), network.pending]);
    return isQuiet(wantedQuietMs(pending));
  });
}

async function until(signal: AbortSignal, isReady: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isReady())) await delay(LOOK_MS, undefined, { signal });
}

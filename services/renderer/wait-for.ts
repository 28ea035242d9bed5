/** What a rendered page has to have before it is read. */
import { setTimeout as delay } from "node:timers/promises";
import type { Page as BrowserPage } from "puppeteer-core";
import { matchesPattern, type WaitFor } from "../core/protocol/render-options.ts";
import { RenderOptionError } from "./errors.ts";
import type { NetworkWatch } from "./network-watch.ts";
import { IDLE_MS, idleMs, QUIET_MS, quietMs, SETTLED_MS } from "./quiet.ts";
import { hasPendingTimer } from "./timer-watch.ts";

const LOOK_MS = 20;

export interface Waiting {
  page: BrowserPage;
  timerKey: string;
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

/**
 * A second without a request that is awaited; or a tenth of one, if the page has no short timer, socket, worker or stream. After the last timer it is
 * another tenth, because the request that a timer sends is seen later than its end.
 */
export async function waitForQuiet({ page, timerKey, network, limitMs, signal }: Omit<Waiting, "answeredUrls">): Promise<void> {
  const quietFor = () => quietMs(network.state, performance.now(), limitMs);
  let busyAt = Number.NEGATIVE_INFINITY;
  await until(signal, async () => {
    if (quietFor() < SETTLED_MS) return false;
    if (quietFor() >= QUIET_MS) return true;
    if (network.hasStream || (await hasPendingTimer(page, timerKey))) busyAt = performance.now();
    return Math.min(quietFor(), performance.now() - busyAt) >= SETTLED_MS;
  });
}

async function until(signal: AbortSignal, isReady: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isReady())) await delay(LOOK_MS, undefined, { signal });
}

import { setTimeout as delay } from "node:timers/promises";
import type { Browser, BrowserContext, Page as BrowserPage, CDPSession, HTTPResponse } from "puppeteer-core";
import { JSON_LIMITS, measureJson } from "../core/protocol/json-limits.ts";
import type { Page } from "../core/protocol/messages.ts";
import { withTimeout } from "../core/runtime/with-timeout.ts";
import { RenderError, RenderedTooLargeError, RenderedValuesError, RenderTimeoutError } from "./errors.ts";
import type { RenderRequest } from "./render-request.ts";
import { takeOverRequests } from "./request-takeover.ts";

/** Without a request for this long, the page counts as complete. */
const QUIET_MS = 500;
/** After the time limit, for reading the page; within the fetcher's additional second. */
const READ_MS = 700;
const CLOSE_MS = 2_000;
/** A busy machine takes a second or two. A Chromium whose zygote process was killed, for example by the kernel for lack of memory, never answers. */
const OPEN_MS = 10_000;
/** They describe the transferred bytes, not the text that is passed on. */
const WIRE_HEADERS = ["content-encoding", "content-length", "transfer-encoding", "content-type"];

/** A separate page in a separate browser context: it shares no cookies, storage or cache. */
export interface Tab {
  context: BrowserContext;
  page: BrowserPage;
  cdp: CDPSession;
  /** Where a `document-start` script stores its result. */
  resultKey: string;
  /** The last address that the main frame requested. */
  askedUrl: string;
  /** The last response to the main frame, without redirects. */
  answer: HTTPResponse | undefined;
  /** Rejects with RenderError if the tab's process crashes, which Chromium itself survives; never resolves. */
  crashed: Promise<never>;
}

/**
 * Opens and prepares a tab for one request.
 *
 * @param proxyPort of a separate proxy on loopback; undefined: Chromium's.
 * @throws TabStuckError if Chromium does not open one in time.
 */
export function openTab(browser: Browser, request: RenderRequest, proxyPort: number | undefined): Promise<Tab> {
  return withTimeout(open(browser, request, proxyPort), OPEN_MS, outOfTime).catch((error) => {
    throw error instanceof OutOfTime ? new TabStuckError(`no tab opened within ${OPEN_MS / 1_000} s`) : error;
  });
}

async function open(browser: Browser, request: RenderRequest, proxyPort: number | undefined): Promise<Tab> {
  const proxy = proxyPort === undefined ? {} : { proxyServer: `http://127.0.0.1:${proxyPort}`, proxyBypassList: ["<-loopback>"] };
  const context = await browser.createBrowserContext({ downloadBehavior: { policy: "deny" }, ...proxy });
  try {
    const page = await context.newPage();
    const cdp = await page.createCDPSession();
    const resultKey = `orbweaver ${crypto.randomUUID()}`;
    const tab: Tab = { context, page, cdp, resultKey, askedUrl: request.url, answer: undefined, crashed: crashOf(page, request.url) };
    await prepare(tab, request);
    return tab;
  } catch (error) {
    await context.close().catch(() => {});
    throw error;
  }
}

function crashOf(page: BrowserPage, url: string): Promise<never> {
  const crash = Promise.withResolvers<never>();
  // Rejections reach only the callers that wait for it.
  crash.promise.catch(() => {});
  page.once("error", () => crash.reject(new RenderError(url, "its tab crashed, usually because it took too much memory")));
  return crash.promise;
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

async function prepare(tab: Tab, request: RenderRequest): Promise<void> {
  const { page, cdp } = tab;
  page.on("dialog", (dialog) => void dialog.dismiss().catch(() => {}));
  page.on("request", (sent) => {
    if (sent.isNavigationRequest() && sent.frame() === page.mainFrame()) tab.askedUrl = sent.url();
  });
  page.on("response", (response) => {
    const isRedirect = response.status() >= 300 && response.status() < 400;
    if (response.frame() === page.mainFrame() && response.request().isNavigationRequest() && !isRedirect) tab.answer = response;
  });
  const { "user-agent": userAgent } = request.headers;
  const cookies = Object.entries(request.cookies).map(([name, value]) => ({ name, value, url: request.url }));
  await Promise.all([
    page.setViewport({ width: request.jsViewportWidth, height: request.jsViewportHeight }),
    userAgent === undefined ? undefined : page.setUserAgent({ userAgent }),
    request.validateCert ? undefined : cdp.send("Security.setIgnoreCertificateErrors", { ignore: true }),
    cookies.length > 0 ? cdp.send("Network.setCookies", { cookies }) : undefined,
    takeOverRequests(cdp, request),
    request.jsScript !== undefined && request.jsRunAt === "document-start"
      ? page.evaluateOnNewDocument(startScript(request.jsScript, tab.resultKey))
      : undefined,
  ]);
}

/** Runs in the main frame only, and never breaks the page: an error is the result. */
const startScript = (source: string, key: string) =>
  `if (window === top) Object.defineProperty(window, ${JSON.stringify(key)}, { value: (async () => (${source})())().catch(String) });`;

/**
 * Loads the page and reads it when the network is idle, or at `deadline`.
 *
 * @throws RenderTimeoutError if no response came by then, or the page cannot be read; RenderedTooLargeError; RenderError if the tab crashed;
 *   Chromium's own errors.
 */
export function renderInTab(tab: Tab, request: RenderRequest, deadline: number): Promise<Page> {
  return Promise.race([loadAndRead(tab, request, deadline), tab.crashed]);
}

async function loadAndRead(tab: Tab, request: RenderRequest, deadline: number): Promise<Page> {
  const remainingMs = () => Math.max(1, deadline - performance.now());
  let jsScriptResult: unknown;
  try {
    await tab.page.goto(request.url, { waitUntil: "load", timeout: remainingMs() });
    jsScriptResult = await withTimeout(runScript(tab, request), remainingMs(), outOfTime);
    await tab.page.waitForNetworkIdle({ idleTime: QUIET_MS, timeout: remainingMs() });
  } catch (error) {
    if (!isTimeout(error)) throw error;
    if (!tab.answer) throw new RenderTimeoutError(request.url, request.timeoutMs, "no answer from the server");
  }
  // A screenshot takes longer than reading the text.
  const readMs = request.screenshot ? READ_MS + remainingMs() : READ_MS;
  const page = await withTimeout(readOut(tab, request), readMs, outOfTime).catch((error) => {
    throw isTimeout(error) ? new RenderTimeoutError(request.url, request.timeoutMs, "its scripts never pause") : error;
  });
  if (jsScriptResult === undefined) return page;
  checkScriptResult(jsScriptResult, request);
  return { ...page, jsScriptResult };
}

/** Fetcher and processor parse the result of `jsScript`, so it is checked here. @throws RenderedTooLargeError, RenderedValuesError */
function checkScriptResult(result: unknown, { url, maxBodyBytes }: RenderRequest): void {
  const json = JSON.stringify(result) ?? "null";
  if (json.length > maxBodyBytes) throw new RenderedTooLargeError(`${url} (what jsScript returned)`, json.length, maxBodyBytes);
  const { verdict } = measureJson(json, JSON_LIMITS.rendered);
  if (verdict === "deep" || verdict === "many") throw new RenderedValuesError(url, verdict);
}

/** This Chromium is no longer usable. */
export class TabStuckError extends Error {}

class OutOfTime extends Error {}

const isTimeout = (error: unknown) => error instanceof OutOfTime || (error instanceof Error && error.name === "TimeoutError");

const outOfTime = () => new OutOfTime();

/** Undefined without a script. A script that throws returns its error's text. */
async function runScript({ page, resultKey }: Tab, { jsScript, jsRunAt }: RenderRequest): Promise<unknown> {
  if (jsScript === undefined) return undefined;
  const expression =
    jsRunAt === "document-start" ? `window[${JSON.stringify(resultKey)}]` : `(async () => (${jsScript})())().catch(String)`;
  return await page.evaluate(expression);
}

async function readOut({ page, cdp, answer, askedUrl }: Tab, request: RenderRequest): Promise<Page> {
  const isChromiumsOwn = page.url().startsWith("chrome-error:");
  // The page has redirected itself to an unreachable address; the proxy has the reason.
  if (isChromiumsOwn && answer?.url() !== askedUrl) throw new Error("it led to a page that could not be loaded");
  // A browser replaces an error without a body by its own text.
  const url = isChromiumsOwn ? askedUrl : page.url();
  const [html, { cookies }] = await Promise.all([isChromiumsOwn ? "" : page.content(), cdp.send("Network.getCookies", { urls: [url] })]);
  const content = Buffer.from(html);
  if (content.length > request.maxBodyBytes) throw new RenderedTooLargeError(request.url, content.length, request.maxBodyBytes);
  const screenshot = request.screenshot ? await page.screenshot({ type: "png", encoding: "base64" }) : undefined;
  if (screenshot && screenshot.length > request.maxBodyBytes)
    throw new RenderedTooLargeError(`${request.url} (its screenshot)`, screenshot.length, request.maxBodyBytes);
  return {
    url,
    origUrl: request.url,
    statusCode: answer?.status() ?? 200,
    headers: renderedHeaders(answer?.headers() ?? {}),
    cookies: Object.fromEntries(cookies.map(({ name, value }) => [name, value])),
    content,
    timeMs: 0,
    ...(screenshot === undefined ? {} : { screenshot }),
  };
}

/** The server's headers, with the content type of Chromium's output. */
export function renderedHeaders(headers: Record<string, string>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !WIRE_HEADERS.includes(name));
  const joined = kept.map(([name, value]) => [name, value.replaceAll("\n", ", ")]);
  return { ...Object.fromEntries(joined), "content-type": "text/html; charset=utf-8" };
}

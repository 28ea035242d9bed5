import { setTimeout as delay } from "node:timers/promises";
import type { Browser, BrowserContext, Page as BrowserPage, CDPSession, HTTPResponse } from "puppeteer-core";
import type { Page } from "../core/messages.ts";
import { within } from "../core/within.ts";
import { RenderError, RenderedTooLargeError, RenderTimeoutError } from "./errors.ts";
import type { RenderRequest } from "./render-request.ts";
import { takeOverRequests } from "./request-takeover.ts";

/** No request for so long: the page is taken for complete. */
const QUIET_MS = 500;
/** After the time limit, for reading out what is there; within the second that the fetcher waits longer. */
const READ_MS = 700;
const CLOSE_MS = 2_000;
/** A busy machine takes a second or two. A Chromium whose zygote process is gone, which the kernel may have chosen when memory ran out, takes for ever. */
const OPEN_MS = 10_000;
/** They describe what came over the wire, not the text that is handed on. */
const WIRE_HEADERS = ["content-encoding", "content-length", "transfer-encoding", "content-type"];

/** A page of its own in a browser context of its own: no cookies, storage or cache of anybody else's. */
export interface Tab {
  context: BrowserContext;
  page: BrowserPage;
  cdp: CDPSession;
  /** Where a `document-start` script leaves what it returned. */
  resultKey: string;
  /** The last address that the main frame asked for. */
  askedUrl: string;
  /** The last answer to the main frame, redirects left out. */
  answer: HTTPResponse | undefined;
  /** Rejects with RenderError when the tab's process dies, which Chromium itself survives; never resolves. */
  crashed: Promise<never>;
}

/**
 * Opens and prepares a tab for one request.
 *
 * @param proxyPort of a proxy of its own on loopback; undefined: Chromium's.
 * @throws TabStuckError if Chromium opens none any more.
 */
export function openTab(browser: Browser, request: RenderRequest, proxyPort: number | undefined): Promise<Tab> {
  return within(open(browser, request, proxyPort), OPEN_MS, outOfTime).catch((error) => {
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
  // Only those who wait for it care.
  crash.promise.catch(() => {});
  page.once("error", () => crash.reject(new RenderError(url, "its tab crashed, as those do that take too much memory")));
  return crash.promise;
}

/** False: it did not close in time. */
export async function closeTab({ context }: Tab): Promise<boolean> {
  const closed = context.close().then(
    () => true,
    // Gone with its browser.
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
 * Loads the page and reads it out when it is quiet, or at `deadline`.
 *
 * @throws RenderTimeoutError if no answer came by then, or the page does not let itself be read; RenderedTooLargeError; RenderError if the tab crashed;
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
    jsScriptResult = await within(runScript(tab, request), remainingMs(), outOfTime);
    await tab.page.waitForNetworkIdle({ idleTime: QUIET_MS, timeout: remainingMs() });
  } catch (error) {
    if (!isTimeout(error)) throw error;
    if (!tab.answer) throw new RenderTimeoutError(request.url, request.timeoutMs, "no answer from the server");
  }
  // A picture takes longer to make than a text to read.
  const readMs = request.screenshot ? READ_MS + remainingMs() : READ_MS;
  const page = await within(readOut(tab, request), readMs, outOfTime).catch((error) => {
    throw isTimeout(error) ? new RenderTimeoutError(request.url, request.timeoutMs, "its scripts never pause") : error;
  });
  if (jsScriptResult === undefined) return page;
  const length = JSON.stringify(jsScriptResult)?.length ?? 0;
  if (length > request.maxBodyBytes)
    throw new RenderedTooLargeError(`${request.url} (what jsScript returned)`, length, request.maxBodyBytes);
  return { ...page, jsScriptResult };
}

/** It is no use to go on with this Chromium. */
export class TabStuckError extends Error {}

class OutOfTime extends Error {}

const isTimeout = (error: unknown) => error instanceof OutOfTime || (error instanceof Error && error.name === "TimeoutError");

const outOfTime = () => new OutOfTime();

/** Undefined without a script. A script that throws gives its error's text. */
async function runScript({ page, resultKey }: Tab, { jsScript, jsRunAt }: RenderRequest): Promise<unknown> {
  if (jsScript === undefined) return undefined;
  const expression =
    jsRunAt === "document-start" ? `window[${JSON.stringify(resultKey)}]` : `(async () => (${jsScript})())().catch(String)`;
  return await page.evaluate(expression);
}

async function readOut({ page, cdp, answer, askedUrl }: Tab, request: RenderRequest): Promise<Page> {
  const isChromiumsOwn = page.url().startsWith("chrome-error:");
  // The page has sent itself on to what could not be reached; the proxy knows why.
  if (isChromiumsOwn && answer?.url() !== askedUrl) throw new Error("it led to a page that could not be loaded");
  // A browser shows an error that came without a body in its own words.
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

/** The server's headers, with the content type of what Chromium made of its answer. */
export function renderedHeaders(headers: Record<string, string>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !WIRE_HEADERS.includes(name));
  const joined = kept.map(([name, value]) => [name, value.replaceAll("\n", ", ")]);
  return { ...Object.fromEntries(joined), "content-type": "text/html; charset=utf-8" };
}

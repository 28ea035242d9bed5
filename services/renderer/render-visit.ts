import { readUtf8Header } from "../core/net/header-text.ts";
import { JSON_LIMITS, measureJson } from "../core/protocol/json-limits.ts";
import type { Page } from "../core/protocol/messages.ts";
import { withTimeout } from "../core/runtime/with-timeout.ts";
import { act, describeAction } from "./actions.ts";
import { RenderError, RenderedTooLargeError, RenderedValuesError, RenderTimeoutError } from "./errors.ts";
import { flattenedContent } from "./flatten.ts";
import { longPolls } from "./quiet.ts";
import type { RenderRequest } from "./render-request.ts";
import { nameOf, type Visit, warn, warningsOf } from "./visit.ts";
import { describeWait, type Waiting, waitFor } from "./wait-for.ts";

/** After the time limit, for reading a page that was ready in time; within the fetcher's additional second. */
const READ_MS = 700;
/** They describe the transferred bytes, not what is passed on. */
const TRANSFER_HEADERS = ["content-encoding", "content-length", "transfer-encoding"];

/**
 * Loads the page and reads it once it has what the task waits for. A page that is not ready at the time limit is never read.
 *
 * @throws RenderTimeoutError, RenderedTooLargeError, RenderedValuesError, RenderOptionError; RenderError if the tab crashed or the page's body
 *   was cut; Chromium's own errors.
 */
export async function renderVisit(visit: Visit): Promise<Page> {
  const deadline = performance.now() + visit.request.timeoutMs;
  const page = await Promise.race([loadAndRead(visit, deadline), downloaded(visit, deadline), visit.crashed]);
  const warnings = warningsOf(visit);
  return warnings.length === 0 ? page : { ...page, warnings };
}

async function downloaded(visit: Visit, deadline: number): Promise<Page> {
  const { request } = visit;
  const { url, statusCode, headers, content } = await visit.download;
  const cookies = await withTimeout(cookiesFor(visit, url), deadline + READ_MS - performance.now(), () => timeout(request, "its cookies"));
  return { url, origUrl: request.url, statusCode, headers: joinedHeaders(headers), cookies, content, timeMs: 0 };
}

const timeout = ({ url, timeoutMs }: RenderRequest, phase: string) => new RenderTimeoutError(url, timeoutMs, phase);

async function loadAndRead(visit: Visit, deadline: number): Promise<Page> {
  const { request } = visit;
  const progress = { phase: "the server's answer" };
  const ending = new AbortController();
  const loading = load(visit, ending.signal, progress);
  const jsScriptResult = await withTimeout(loading, deadline - performance.now(), () => timeout(request, lateness(visit, progress.phase)))
    // A step that lost the race ends with an error that is not reported.
    .finally(() => ending.abort());
  requireWhole(visit);
  // A screenshot takes longer than reading the text.
  const readMs = READ_MS + (request.screenshot ? Math.max(0, deadline - performance.now()) : 0);
  const page = await withTimeout(readOut(visit), readMs, () => timeout(request, "its scripts never pause"));
  if (jsScriptResult === undefined) return page;
  checkScriptResult(jsScriptResult, request);
  return { ...page, jsScriptResult };
}

/** What the page still waits for, for the message. */
function lateness({ answer, network }: Visit, phase: string): string {
  if (!answer) return "no answer from the server";
  const open = network.state.requests.filter(({ endedAt }) => endedAt === undefined).slice(0, 3);
  return `it still waited for ${phase}${open.length === 0 ? "" : `, with ${open.map(nameOf).join(", ")} open`}`;
}

/** Resolves with the result of the task's script. */
async function load(visit: Visit, signal: AbortSignal, progress: { phase: string }): Promise<unknown> {
  const { tab, request, network, answeredUrls } = visit;
  const { page, timerKey } = tab;
  const { jsScript, actions = [] } = request;
  const isWhole = request.waitFor === undefined || jsScript !== undefined || actions.length > 0;
  progress.phase = isWhole ? "its load event" : "its document";
  await page.goto(request.url, { waitUntil: isWhole ? "load" : "domcontentloaded", timeout: 0, signal });
  network.mark();
  progress.phase = "the end of jsScript";
  const jsScriptResult = await runScript(visit);
  if (jsScript !== undefined) network.mark();
  const onCut = (text: string) => warn(visit, text);
  const waiting: Waiting = { page, onCut, timerKey, network, answeredUrls, limitMs: request.timeoutMs, signal };
  for (const action of actions) {
    progress.phase = describeAction(action);
    await act(waiting, action);
  }
  progress.phase = describeWait(request.waitFor);
  await waitFor(waiting, request.waitFor);
  for (const open of longPolls(network.state, performance.now(), request.timeoutMs)) warn(visit, `${nameOf(open)} was still loading`);
  return jsScriptResult;
}

/** @throws RenderError if the document's body ended early, unless the task takes what came. */
function requireWhole(visit: Visit): void {
  const { request, cutReason } = visit;
  if (cutReason === undefined) return;
  if (!request.partial) throw new RenderError(request.url, `its body ended early: ${cutReason}. To take what came, set partial to true`);
  warn(visit, `the body ended early: ${cutReason}`);
}

/** Fetcher and processor parse the result of `jsScript`, so it is checked here. @throws RenderedTooLargeError, RenderedValuesError */
function checkScriptResult(result: unknown, { url, maxBodyBytes }: RenderRequest): void {
  const json = JSON.stringify(result) ?? "null";
  if (json.length > maxBodyBytes) throw new RenderedTooLargeError(`${url} (what jsScript returned)`, json.length, maxBodyBytes);
  const { verdict } = measureJson(json, JSON_LIMITS.rendered);
  if (verdict === "deep" || verdict === "many") throw new RenderedValuesError(url, verdict);
}

/** Undefined without a script. A script that throws returns its error's text. */
async function runScript({ tab, request, startKey }: Visit): Promise<unknown> {
  const { jsScript, jsRunAt } = request;
  if (jsScript === undefined) return undefined;
  const expression = jsRunAt === "document-start" ? `window[${JSON.stringify(startKey)}]` : `(async () => (${jsScript})())().catch(String)`;
  return await tab.page.evaluate(expression);
}

async function readOut(visit: Visit): Promise<Page> {
  const { tab, request, answer, askedUrl } = visit;
  const { page } = tab;
  const isChromiumsOwn = page.url().startsWith("chrome-error:");
  // The page has redirected itself to an unreachable address; the proxy has the reason.
  if (isChromiumsOwn && answer?.url() !== askedUrl) throw new Error("it led to a page that could not be loaded");
  // A browser replaces an error without a body by its own text.
  const url = isChromiumsOwn ? askedUrl : page.url();
  const [html, cookies, captured] = await Promise.all([
    isChromiumsOwn ? "" : contentOf(visit),
    cookiesFor(visit, url),
    visit.captured?.take(),
  ]);
  const content = Buffer.from(html);
  if (content.length > request.maxBodyBytes) throw new RenderedTooLargeError(request.url, content.length, request.maxBodyBytes);
  const screenshot = request.screenshot ? await page.screenshot({ type: "png", encoding: "base64" }) : undefined;
  if (screenshot && screenshot.length > request.maxBodyBytes)
    throw new RenderedTooLargeError(`${request.url} (its screenshot)`, screenshot.length, request.maxBodyBytes);
  if (captured && captured.omitted > 0) warn(visit, `${captured.omitted} answers that captureRequests asked for had no room`);
  if (captured && captured.lost > 0) warn(visit, `${captured.lost} answers that captureRequests asked for could not be read`);
  return {
    url,
    origUrl: request.url,
    statusCode: answer?.status() ?? 200,
    headers: renderedHeaders(answer?.headers() ?? {}),
    cookies,
    content,
    timeMs: 0,
    ...(screenshot === undefined ? {} : { screenshot }),
    ...(captured === undefined ? {} : { requests: captured.requests }),
  };
}

async function contentOf(visit: Visit): Promise<string> {
  const { tab, request } = visit;
  if (!request.flatten) return await tab.page.content();
  const { html, missing } = await flattenedContent(tab.page);
  for (const url of missing) warn(visit, `the content of a frame is missing: ${url}`);
  return html;
}

async function cookiesFor({ tab }: Visit, url: string): Promise<Record<string, string>> {
  const { cookies } = await tab.cdp.send("Network.getCookies", { urls: [url] });
  return Object.fromEntries(cookies.map(({ name, value }) => [name, value]));
}

/** The server's headers, with the content type of Chromium's output. */
export const renderedHeaders = (headers: Record<string, string>): Record<string, string> => ({
  ...joinedHeaders(headers),
  "content-type": "text/html; charset=utf-8",
});

function joinedHeaders(headers: Record<string, string>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !TRANSFER_HEADERS.includes(name));
  const joined = kept.map(([name, value]) => [name, value.replaceAll("\n", ", ")]);
  return Object.fromEntries(
    joined.map(([name = "", value = ""]) => [name, name === "content-disposition" ? readUtf8Header(value) : value]),
  );
}

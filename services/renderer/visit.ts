/** What one request does in its tab. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { HTTPRequest, HTTPResponse } from "puppeteer-core";
import type { Page } from "../core/protocol/messages.ts";
import { isRedirect } from "../core/protocol/redirect.ts";
import { type Captured, captureRequests } from "./captured-requests.ts";
import { headersOf, isDownload, readDownload } from "./download.ts";
import { RenderError } from "./errors.ts";
import { NetworkWatch } from "./network-watch.ts";
import type { RenderRequest } from "./render-request.ts";
import { type PausedAnswer, takeOverRequests } from "./request-takeover.ts";
import type { Tab } from "./tab.ts";

/** More would be noise. */
const MAX_WARNINGS = 20;
const MAX_URL_LENGTH = 200;

/** A page, as a download returns it: without what only documents have. */
export type DownloadedPage = Pick<Page, "url" | "statusCode" | "headers" | "content">;

export interface Visit {
  tab: Tab;
  request: RenderRequest;
  network: NetworkWatch;
  /** The last address that the main frame requested. */
  askedUrl: string;
  /** The last response to the main frame, without redirects. */
  answer: HTTPResponse | undefined;
  /** Of all answers that have arrived. */
  answeredUrls: string[];
  captured: Captured | undefined;
  /** Why the body of the main frame's document ended early. */
  cutReason: string | undefined;
  warnings: Set<string>;
  omittedWarnings: number;
  /** Where a `document-start` script stores its result. */
  startKey: string;
  /** Resolves if the response is a download. */
  download: Promise<DownloadedPage>;
  /** Rejects with RenderError if the tab's process crashes, which Chromium itself survives; never resolves. */
  crashed: Promise<never>;
  /** Resolves when the visit ends. */
  ending: Promise<void>;
  /** Ends the visit: the tab follows the request no longer. */
  end(): Promise<unknown>;
}

/** Prepares a tab for one request. */
export async function startVisit(tab: Tab, request: RenderRequest): Promise<Visit> {
  const { page, cdp } = tab;
  const download = Promise.withResolvers<DownloadedPage>();
  const crash = Promise.withResolvers<never>();
  const ending = Promise.withResolvers<void>();
  // Rejections reach only the callers that wait for them.
  for (const { promise } of [download, crash]) promise.catch(() => {});
  const network = new NetworkWatch(page);
  const visit: Visit = {
    ...{ tab, request, network, askedUrl: request.url, answer: undefined, answeredUrls: [], cutReason: undefined },
    ...{ warnings: new Set<string>(), omittedWarnings: 0, startKey: `orbweaver ${crypto.randomUUID()}` },
    captured: request.captureRequests === undefined ? undefined : captureRequests(page, request.captureRequests, request.maxBodyBytes),
    download: download.promise,
    crashed: crash.promise,
    ending: ending.promise,
    end: () => Promise.resolve(),
  };
  const stop = listen(visit, (error) => crash.reject(error));
  const restore = await takeOverRequests(cdp, request, (paused) => answerDocument(visit, paused, download));
  const script = await addStartScript(visit);
  visit.end = async () => {
    ending.resolve();
    // What waits for it aborts its request before requests are taken over no longer.
    await nextTurn();
    stop();
    visit.captured?.stop();
    network.stop();
    await Promise.all([restore(), script && page.removeScriptToEvaluateOnNewDocument(script.identifier)]);
  };
  await prepare(visit);
  return visit;
}

/** Runs in the main frame only, and never breaks the page: an error is the result. */
async function addStartScript({ tab, request, startKey }: Visit) {
  const { jsScript, jsRunAt } = request;
  if (jsScript === undefined || jsRunAt !== "document-start") return undefined;
  const value = `(async () => (${jsScript})())().catch(String)`;
  return await tab.page.evaluateOnNewDocument(
    `if (window === top) Object.defineProperty(window, ${JSON.stringify(startKey)}, { value: ${value} });`,
  );
}

/** @returns stops it. */
function listen(visit: Visit, onCrash: (error: RenderError) => void): () => void {
  const { tab, request } = visit;
  const { page, cdp } = tab;
  const isMain = (sent: HTTPRequest) => sent.isNavigationRequest() && sent.frame() === page.mainFrame();
  const listeners = {
    request: (sent: HTTPRequest) => {
      if (isMain(sent)) visit.askedUrl = sent.url();
    },
    response: (response: HTTPResponse) => {
      if (visit.answeredUrls.length < MAX_ANSWERED) visit.answeredUrls.push(response.url());
      if (!isMain(response.request()) || isRedirect(response.status(), response.headers().location)) return;
      visit.answer = response;
      visit.cutReason = undefined;
    },
    requestfailed: (sent: HTTPRequest) => {
      const reason = sent.failure()?.errorText ?? "it failed";
      if (isMain(sent) && sent === visit.answer?.request()) visit.cutReason = reason;
      else if (!isMain(sent) && NEEDED_TYPES.includes(sent.resourceType()) && !WANTED_FAILURES.includes(reason))
        warn(visit, `${nameOf({ method: sent.method(), url: sent.url() })} failed: ${reason}`);
    },
    error: () => onCrash(new RenderError(request.url, "its tab crashed, usually because it took too much memory")),
  };
  page.on("request", listeners.request).on("response", listeners.response);
  page.on("requestfailed", listeners.requestfailed).on("error", listeners.error);
  cdp.on("Network.webSocketCreated", visit.network.onWebSocket);
  return () => {
    page.off("request", listeners.request).off("response", listeners.response);
    page.off("requestfailed", listeners.requestfailed).off("error", listeners.error);
    cdp.off("Network.webSocketCreated", visit.network.onWebSocket);
  };
}

/** Without them the document may be another. */
const NEEDED_TYPES = ["document", "script", "xhr", "fetch"];
/** By the page itself, and by `blockResources`. */
const WANTED_FAILURES = ["net::ERR_ABORTED", "net::ERR_BLOCKED_BY_CLIENT", "net::ERR_BLOCKED_BY_CLIENT.Inspector"];
/** Far more than a page loads. */
const MAX_ANSWERED = 10_000;

async function prepare({ tab, request }: Visit): Promise<void> {
  const { page, cdp } = tab;
  const { jsViewportWidth: width, jsViewportHeight: height } = request;
  const { "user-agent": userAgent } = request.headers;
  const cookies = Object.entries(request.cookies).map(([name, value]) => ({ name, value, url: request.url }));
  const window = `${width} ${height} ${userAgent}`;
  // Each costs a round trip or more, and the pages of a project mostly have the same.
  const isPrepared = tab.window === window;
  tab.window = window;
  await Promise.all([
    isPrepared ? undefined : page.setViewport({ width, height }),
    isPrepared || userAgent === undefined ? undefined : page.setUserAgent({ userAgent }),
    request.validateCert ? undefined : cdp.send("Security.setIgnoreCertificateErrors", { ignore: true }),
    cookies.length > 0 ? cdp.send("Network.setCookies", { cookies }) : undefined,
  ]);
}

/** Adds a warning to the page. */
export function warn(visit: Pick<Visit, "warnings" | "omittedWarnings">, text: string): void {
  const { warnings } = visit;
  if (warnings.size < MAX_WARNINGS) warnings.add(text);
  else if (!warnings.has(text)) visit.omittedWarnings++;
}

/** Of the page so far. */
export const warningsOf = ({ warnings, omittedWarnings }: Visit): string[] =>
  omittedWarnings === 0 ? [...warnings] : [...warnings, `${omittedWarnings} more warnings`];

/** `GET http://site/items`, at a readable length. */
export const nameOf = ({ method, url }: { method: string; url: string }): string => {
  const whole = `${method} ${url}`;
  return whole.length > MAX_URL_LENGTH ? `${whole.slice(0, MAX_URL_LENGTH)}…` : whole;
};

/** The document of the main frame becomes the page if it is a download; a later download is refused. */
async function answerDocument(visit: Visit, paused: PausedAnswer, download: PromiseWithResolvers<DownloadedPage>): Promise<unknown> {
  const { tab, request } = visit;
  const { requestId } = paused;
  const isMain = paused.frameId === tab.frameId;
  if (!isMain || !isDownload(paused)) return await tab.cdp.send("Fetch.continueRequest", { requestId });
  if (visit.answer) {
    warn(visit, `the page began a download that was not taken: ${nameOf(paused.request)}`);
  } else {
    const content = readDownload(tab.cdp, paused, request.maxBodyBytes);
    const page = { url: paused.request.url, statusCode: paused.responseStatusCode, headers: headersOf(paused) };
    await content.then((bytes) => download.resolve({ ...page, content: bytes }), download.reject);
    // An aborted navigation would be a failure of the page.
    await visit.ending;
  }
  return await tab.cdp.send("Fetch.failRequest", { requestId, errorReason: "Aborted" });
}

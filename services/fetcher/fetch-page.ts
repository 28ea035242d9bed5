import { isInDomains } from "../core/protocol/allowed-domains.ts";
import { isDataUrl } from "../core/protocol/data-url.ts";
import { toTaskError } from "../core/protocol/errors.ts";
import type { Page } from "../core/protocol/messages.ts";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import { type BudgetLease, FREE_BYTES } from "./body-budget.ts";
import { freeBody } from "./body-collector.ts";
import { ChainCookies } from "./chain-cookies.ts";
import { parseDataUrl } from "./data-url.ts";
import { type Decoded, decodeBody, TOO_LARGE } from "./decode-body.ts";
import {
  BadRequestError,
  BadResponseError,
  BodyTooLargeError,
  OutsideDomainsError,
  TooManyRedirectsError,
  UnsupportedUrlError,
} from "./errors.ts";
import type { Answer, ExchangeOptions } from "./exchange.ts";
import { type FetchContext, type FetchRequest, taskTimeoutMs } from "./fetch-request.ts";
import { followChain } from "./follow-chain.ts";
import { headerOf, joinHeaders, joinValues, requestHeaders } from "./headers.ts";
import { refreshTarget } from "./meta-refresh.ts";
import { withPageDeadline } from "./page-deadline.ts";
import { proxyOf } from "./proxy-of.ts";
import { type Hop, nextHop, requireHttp } from "./redirect.ts";
import { renderPage } from "./render-page.ts";
import { RobotsGate } from "./robots-gate.ts";

/** pyspider's default (docs/apis/self.crawl.md). */
const DEFAULT_REDIRECTS = 5;
/** The maximum, whatever a task requests. */
const MAX_REDIRECTS = 100;
/** The status 599 means that no complete response arrived. */
const FAILED_STATUS = 599;
/** Room for a compressed body: this much, or this many times its length. HTML rarely shrinks to less than an eighth. */
const MIN_ROOM_BYTES = 128 * 1024;
const USUAL_RATIO = 8;
/** A redirect that is followed by a GET without body, as that of a page is. */
const SEE_OTHER = 303;
/** A tunnel and an echo of credentials: neither returns a page. */
const REFUSED_METHODS = ["CONNECT", "TRACE"];

/**
 * Fetches one page: over HTTP with redirects, from a data: URL, or through the renderer.
 *
 * Never rejects: every failure becomes a page with status 599 and `error`. Any status that a server sent is its response, 304 and 500 too.
 */
export async function fetchPage(request: FetchRequest, context: FetchContext): Promise<Page> {
  const start = performance.now();
  try {
    const page = await fetchByKind(request, context, start);
    page.timeMs = performance.now() - start;
    return page;
  } catch (error) {
    return failedPage(request.url, error, performance.now() - start);
  }
}

/** The page of a fetch that failed. */
export const failedPage = (url: string, error: unknown, timeMs: number): Page => ({
  url,
  origUrl: url,
  statusCode: FAILED_STATUS,
  headers: {},
  cookies: {},
  content: new Uint8Array(),
  timeMs,
  error: toTaskError(error),
});

function fetchByKind(request: FetchRequest, context: FetchContext, start: number): Page | Promise<Page> {
  if (isDataUrl(request.url)) return dataPage(request.url);
  return httpPage(request, parseUrl(request.url), context, start);
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new UnsupportedUrlError(text, "it is not a URL");
  return requireHttp(new URL(text));
}

function dataPage(url: string): Page {
  const { contentType, content } = parseDataUrl(url);
  return { url, origUrl: url, statusCode: 200, headers: { "content-type": contentType }, cookies: {}, content, timeMs: 0 };
}

async function httpPage(request: FetchRequest, url: URL, context: FetchContext, start: number): Promise<Page> {
  const limits = exchangeOptions(request, context, start);
  const first = firstHop(request, url, context.settings.userAgent);
  const gate = request.fetch.robotsTxt === false ? undefined : new RobotsGate({ context, limits, way: wayOf(request.fetch) });
  const isRendered = request.fetch.fetchType === "js";
  if (!isRendered) {
    requireNoBrowser(request);
    requireBytes(request);
  }
  requireDomain(request, url.href);
  if (isRendered) await gate?.check(first);
  const page = isRendered ? await renderPage(request, context) : await chainPage({ request, first, limits, gate });
  requireDomain(request, page.url);
  return gate?.crawlDelaySeconds === undefined ? page : { ...page, crawlDelaySeconds: gate.crawlDelaySeconds };
}

/** Options without which a page of HTTP would not be what the task asked for. */
const NEED_BROWSER = ["screenshot", "waitFor", "actions", "captureRequests"] as const;

/** @throws BadRequestError if a page needs a browser, and the task does not say "http" by itself. */
function requireNoBrowser({ url, fetch }: FetchRequest): void {
  const needed = NEED_BROWSER.find((name) => fetch[name] !== undefined && fetch[name] !== false);
  if (needed === undefined || (needed !== "screenshot" && fetch.fetchType === "http")) return;
  throw new BadRequestError(url, `${needed === "screenshot" ? "a screenshot" : needed} needs fetchType "js"`);
}

/** @throws OutsideDomainsError */
function requireDomain({ url, fetch: { allowedDomains } }: FetchRequest, href: string): void {
  if (allowedDomains && !isInDomains(href, allowedDomains)) throw new OutsideDomainsError(url, href);
}

/** Distinguishes the routes to a site that may lead to different responses. */
const wayOf = (fetch: FetchRequest["fetch"]) =>
  `${fetch.validateCert === false ? "unverified" : ""} ${JSON.stringify(fetch.tls ?? "")} ${proxyOf(fetch) ?? ""}`;

interface RedirectChain {
  request: FetchRequest;
  first: Hop;
  limits: ExchangeOptions;
  gate: RobotsGate | undefined;
}

async function chainPage({ request, first, limits, gate }: RedirectChain): Promise<Page> {
  const { fetch } = request;
  const cookies = new ChainCookies(first.url, headerOf(fetch.headers, "cookie"), fetch.cookies);
  const maxRedirects = Math.min(fetch.maxRedirects ?? DEFAULT_REDIRECTS, MAX_REDIRECTS);
  const check = (hop: Hop) => {
    requireDomain(request, hop.url.href);
    return gate?.check(hop);
  };
  const followsRefresh = limits.followRedirects && fetch.metaRefresh !== false;
  const sent = new Set<string>();
  let next = first;
  for (let before = 0; ; ) {
    sent.add(requestKey(next.url, cookies));
    const { hop, answer, redirects } = await followChain({
      first: next,
      limits,
      cookies,
      maxRedirects,
      redirects: before,
      gate: { check },
    });
    const page = await toPage({ request, hop, answer, cookies, limits });
    const target = followsRefresh ? refreshTarget(page, hop.url) : undefined;
    // A page that refreshes itself is the same page, unless it has set cookies.
    if (!target || sent.has(requestKey(target, cookies))) return page;
    if (redirects >= maxRedirects) throw new TooManyRedirectsError(first.url.href, maxRedirects, target.href);
    limits.budgetLease.giveBack(page.content.byteLength);
    freeBody(page.content as Buffer);
    next = nextHop(hop, SEE_OTHER, target.href);
    before = redirects + 1;
  }
}

const requestKey = (url: URL, cookies: ChainCookies) => `${url.href.replace(/#.*/s, "")} ${cookies.headerFor(url) ?? ""}`;

function exchangeOptions({ fetch }: FetchRequest, { agents, settings, budgetLease }: FetchContext, start: number): ExchangeOptions {
  const limitMs = taskTimeoutMs(fetch.timeout, TIME_LIMITS.fetchMs);
  return {
    route: agents.route({ isVerified: fetch.validateCert !== false, tls: fetch.tls, proxy: proxyOf(fetch) }),
    connectMs: taskTimeoutMs(fetch.connectTimeout, TIME_LIMITS.connectMs),
    deadline: start + limitMs,
    limitMs,
    maxBodyBytes: Math.min(fetch.maxBodyBytes ?? settings.maxBodyBytes, settings.maxBodyBytes),
    followRedirects: fetch.allowRedirects !== false,
    takesPartial: fetch.partial === true,
    budgetLease,
  };
}

function firstHop({ fetch, validators, url: text }: FetchRequest, url: URL, userAgent: string): Hop {
  const method = (fetch.method ?? (fetch.data === undefined ? "GET" : "POST")).toUpperCase();
  if (REFUSED_METHODS.includes(method)) throw new BadRequestError(text, `method ${method} returns no page`);
  return { url, method, headers: requestHeaders({ fetch, validators, userAgent, url }), body: bodyOf(fetch.data) };
}

/** HTTP sends a byte for each character. @throws BadRequestError naming the first header or cookie that has other characters. */
function requireBytes({ url, fetch: { headers = {}, cookies = {} } }: FetchRequest): void {
  const isOther = (texts: Record<string, string>) => (name: string) => /[^\0-\xff]/.test(texts[name] ?? "");
  const header = Object.keys(headers).find(isOther(headers));
  const cookie = Object.keys(cookies).find(isOther(cookies));
  const named = header === undefined ? cookie && `cookie ${cookie}` : `header ${header}`;
  if (named) throw new BadRequestError(url, `the ${named} has characters above U+00FF: write encodeURIComponent(…)`);
}

const bodyOf = (data: FetchRequest["fetch"]["data"]) => (typeof data === "object" ? Buffer.from(data.base64, "base64") : data);

interface LastHop {
  request: FetchRequest;
  hop: Hop;
  answer: Answer;
  cookies: ChainCookies;
  limits: ExchangeOptions;
}

async function toPage({ request, hop, answer, cookies, limits }: LastHop): Promise<Page> {
  const { statusCode } = answer;
  const { body: content, isCut } = await decompress(answer, hop.url.href, limits);
  const headers = joinHeaders(answer.headers);
  const page = { url: hop.url.href, origUrl: request.url, statusCode, headers, cookies: cookies.valuesFor(hop.url), content, timeMs: 0 };
  // A body that ended early cuts its stream, too.
  if (answer.isCut) return { ...page, warnings: [`the body ended early, after ${answer.wire.length} bytes`] };
  if (!isCut) return page;
  const coding = joinValues(answer.headers["content-encoding"]);
  return { ...page, warnings: [`the server ended the ${coding} stream of the body early: the rest is missing`] };
}

/**
 * Decodes within memory that was granted before: the decoded size is known only afterwards, and many bodies at once may become very large. It tries
 * a guess first, and the limit only if that is too small. Before both it tries the minimum of every body, so that ordinary pages wait for no large one.
 */
async function decompress(
  { wire, headers }: Answer,
  url: string,
  { maxBodyBytes, budgetLease, deadline, limitMs }: ExchangeOptions,
): Promise<Decoded> {
  const coding = joinValues(headers["content-encoding"]);
  if (coding === undefined || wire.length === 0) return { body: wire, isCut: false };
  for (const roomBytes of roomsFor(wire.length, { maxBodyBytes, budgetLease })) {
    const granted = budgetLease.take(roomBytes);
    if (granted) await withPageDeadline(granted, { url, deadline, limitMs, receivedBytes: wire.length });
    const decoded = decodeWithin(wire, coding, { limitBytes: roomBytes, url });
    if (decoded !== TOO_LARGE) return { ...decoded, body: exchangeBodies(wire, decoded.body, { roomBytes, budgetLease }) };
    budgetLease.giveBack(roomBytes);
  }
  throw new BodyTooLargeError(url, `more than ${maxBodyBytes} bytes`, maxBodyBytes);
}

/** Buffer sizes to try in order, the last as large as a body may be. */
function roomsFor(wireBytes: number, { maxBodyBytes, budgetLease }: Pick<ExchangeOptions, "maxBodyBytes" | "budgetLease">): number[] {
  const guess = Math.max(MIN_ROOM_BYTES, wireBytes * USUAL_RATIO);
  const free = FREE_BYTES - wireBytes;
  const isWorthTrying = !budgetLease.fits(guess) && (wireBytes * USUAL_RATIO) / 2 <= free;
  return [...(isWorthTrying ? [free] : []), guess].filter((roomBytes) => roomBytes < maxBodyBytes).concat(maxBodyBytes);
}

function decodeWithin(wire: Buffer, coding: string, { limitBytes, url }: { limitBytes: number; url: string }) {
  try {
    return decodeBody(wire, coding, limitBytes);
  } catch (error) {
    throw new BadResponseError(url, `the body is not ${coding}: ${(error as Error).message}`, error);
  }
}

/** Only `content` holds the granted bytes now. */
function exchangeBodies(
  wire: Buffer,
  content: Buffer,
  { roomBytes, budgetLease }: { roomBytes: number; budgetLease: BudgetLease },
): Buffer {
  const isSame = content === wire;
  budgetLease.giveBack(isSame ? roomBytes : roomBytes + wire.length - content.length);
  if (!isSame) freeBody(wire);
  return content;
}

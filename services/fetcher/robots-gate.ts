import { PrivateAddressError } from "../core/net/address-errors.ts";
import { ProxyError } from "../core/net/proxy/errors.ts";
import { ChainCookies } from "./chain-cookies.ts";
import { decodeBody, TOO_LARGE } from "./decode-body.ts";
import {
  ConnectionError,
  DnsError,
  FetchTimeoutError,
  RobotsDisallowedError,
  RobotsUnreachableError,
  TlsError,
  TooManyRedirectsError,
  UnsupportedUrlError,
} from "./errors.ts";
import type { Answer, ExchangeOptions } from "./exchange.ts";
import type { FetchContext } from "./fetch-request.ts";
import { followChain } from "./follow-chain.ts";
import { headerOf, joinValues } from "./headers.ts";
import { withPageDeadline } from "./page-deadline.ts";
import type { Hop } from "./redirect.ts";
import { decodeRobots, NO_RULES, parseRobots, ROBOTS_BYTES, type RobotsRules } from "./robots-rules.ts";

/** pyspider's limits (fetcher/tornado_fetcher.py), because several pages may wait for one robots.txt. */
const CONNECT_MS = 10_000;
const READ_MS = 30_000;
/** RFC 9309, section 2.3.1.2. */
const MAX_REDIRECTS = 5;
/** After decompression. */
const MAX_TEXT_BYTES = 8 * ROBOTS_BYTES;
/** The site is unreachable for its pages as well, and their errors describe it best. */
const OUT_OF_REACH = [ProxyError, DnsError, ConnectionError, TlsError, PrivateAddressError];

export interface GateOptions {
  context: Pick<FetchContext, "robots" | "budget">;
  /** Of the page: robots.txt is fetched with the page's options and within its time limit. */
  limits: ExchangeOptions;
  /** The options, besides the origin, that decide how the site is reached: another proxy may get another robots.txt. */
  way: string;
}

/** Checks the robots.txt of every site that one page leads to. */
export class RobotsGate {
  readonly #options: GateOptions;
  /** The first site's delay between two pages. */
  crawlDelaySeconds: number | undefined;
  #isFirst = true;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /**
   * Undefined if the page is allowed and the rules are cached. Otherwise throws or rejects with RobotsDisallowedError, RobotsUnreachableError,
   * FetchTimeoutError, or the error that makes the whole site unreachable.
   */
  check({ url, headers }: Pick<Hop, "url" | "headers">): Promise<void> | undefined {
    const userAgent = headerOf(headers, "user-agent") ?? "";
    const { context, way } = this.#options;
    const key = `${url.origin} ${way}`;
    const rules = context.robots.known(key);
    if (rules) {
      this.#hold(rules, url, userAgent);
      return undefined;
    }
    const loading = context.robots.load(key, () => this.#read(url.origin, userAgent));
    const { deadline, limitMs } = this.#options.limits;
    const loaded = withPageDeadline(loading, { url: url.href, deadline, limitMs, receivedBytes: 0 });
    return loaded.then((found) => this.#hold(found, url, userAgent));
  }

  #hold(rules: RobotsRules, url: URL, userAgent: string): void {
    if (!rules.allows(url, userAgent)) throw new RobotsDisallowedError(url, userAgent);
    if (this.#isFirst) this.crawlDelaySeconds = rules.crawlDelaySeconds(userAgent);
    this.#isFirst = false;
  }

  async #read(origin: string, userAgent: string): Promise<RobotsRules> {
    const budgetLease = this.#options.context.budget.open();
    const url = new URL("/robots.txt", origin);
    const headers = { accept: "text/plain, */*", "accept-encoding": "gzip", "user-agent": userAgent };
    const times = { connectMs: CONNECT_MS, deadline: performance.now() + READ_MS, limitMs: READ_MS };
    const limits = { ...this.#options.limits, ...times, maxBodyBytes: ROBOTS_BYTES, cutsBody: true, followRedirects: true, budgetLease };
    const first: Hop = { url, method: "GET", headers, body: undefined };
    const cookies = new ChainCookies(url, undefined, undefined);
    try {
      const { answer } = await followChain({ first, limits, cookies, maxRedirects: MAX_REDIRECTS, gate: undefined });
      return rulesOf(answer, origin);
    } catch (error) {
      if (error instanceof TooManyRedirectsError || error instanceof UnsupportedUrlError) return NO_RULES;
      if (error instanceof RobotsUnreachableError || OUT_OF_REACH.some((kind) => error instanceof kind)) throw error;
      const isLate = error instanceof FetchTimeoutError;
      throw new RobotsUnreachableError(origin, isLate ? `it did not come within ${READ_MS / 1_000} s` : (error as Error).message, error);
    } finally {
      budgetLease.release();
    }
  }
}

/** Without a robots.txt (4xx) a site is open; if it does not serve it (5xx, and 429 as at Google) it is closed until it does. */
function rulesOf({ statusCode, headers, wire }: Answer, origin: string): RobotsRules {
  if (statusCode >= 500 || statusCode === 429) throw new RobotsUnreachableError(origin, `it answered with status ${statusCode}`);
  if (statusCode < 200 || statusCode >= 300) return NO_RULES;
  const decoded = decodeBody(wire, joinValues(headers["content-encoding"]), MAX_TEXT_BYTES);
  if (decoded === TOO_LARGE) throw new RobotsUnreachableError(origin, `it has more than ${MAX_TEXT_BYTES} bytes`);
  return parseRobots(decodeRobots(decoded.body.subarray(0, ROBOTS_BYTES)));
}

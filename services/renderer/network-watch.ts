import type { Page as BrowserPage, HTTPRequest, HTTPResponse } from "puppeteer-core";
import type { NetworkState, Pending, SeenRequest } from "./quiet.ts";

/** A page may send requests forever; older ones that have ended do not matter. */
const MAX_REQUESTS = 1_000;
const READ_BY_SCRIPTS = ["xhr", "fetch"];

/** Without one of these headers an answer is neither fresh nor validated later (RFC 9111, sections 4.2 and 4.3), except with these statuses. */
const CACHE_HEADERS = ["cache-control", "expires", "etag", "last-modified"];
const REMEMBERED_STATUSES = [300, 301, 308, 410];

/** Follows the requests of one page. */
export class NetworkWatch {
  readonly #page: BrowserPage;
  #requests = new Map<HTTPRequest, SeenRequest>();
  #counts = new Map<string, number>();
  #since = performance.now();
  #hasStream = false;
  #pending: Pending = "nothing";
  #isCached = false;
  readonly #origins = new Set<string>();

  constructor(page: BrowserPage) {
    this.#page = page;
    page.on("request", this.#onRequest);
    page.on("requestfinished", this.#onEnd);
    page.on("requestfailed", this.#onEnd);
    page.on("response", this.#onResponse);
  }

  /** Restarts the wait for quiet, and the count of polling requests. */
  mark(): void {
    this.#since = performance.now();
    this.#counts.clear();
  }

  /** What this watch has seen of which the end is not a request's: the load of another document, or of a text in the page itself. */
  get pending(): Pending {
    return this.#pending;
  }

  /** The page has asked for another document, whose request comes later, and which is shown some time after that has ended. */
  onNavigation = (): void => {
    this.#since = performance.now();
    this.#pending = "other";
  };

  get state(): NetworkState {
    return { since: this.#since, requests: [...this.#requests.values()] };
  }

  /** Whether the page receives data by other means than requests that end. */
  get hasStream(): boolean {
    return this.#hasStream || this.#page.workers().length > 0;
  }

  onWebSocket = (): void => {
    this.#hasStream = true;
  };

  /** Follows no more. */
  stop(): void {
    this.#page.off("request", this.#onRequest);
    this.#page.off("requestfinished", this.#onEnd);
    this.#page.off("requestfailed", this.#onEnd);
    this.#page.off("response", this.#onResponse);
  }

  /** Whether a request has not ended. */
  get isOpen(): boolean {
    return [...this.#requests.values()].some(({ endedAt }) => endedAt === undefined);
  }

  /** Whether a browser may answer another request from its cache with what came. */
  get isCached(): boolean {
    return this.#isCached;
  }

  /** The origins of all requests. */
  get origins(): Iterable<string> {
    return this.#origins;
  }

  #onRequest = (request: HTTPRequest): void => {
    if (request.resourceType() === "eventsource") {
      this.#hasStream = true;
      return;
    }
    // The hops of a redirect are one request.
    for (const earlier of request.redirectChain()) this.#requests.delete(earlier);
    if (request.isNavigationRequest() && request.frame() === this.#page.mainFrame()) this.#requests.clear();
    const url = request.url();
    if (url.startsWith("data:") || url.startsWith("blob:")) {
      if (READ_BY_SCRIPTS.includes(request.resourceType())) this.#pending = "other";
      return;
    }
    this.#origins.add(new URL(url).origin);
    const address = `${request.method()} ${url.replace(/[?#].*$/s, "")}`;
    const repeats = this.#counts.get(address) ?? 0;
    this.#counts.set(address, repeats + 1);
    this.#requests.set(request, { url, method: request.method(), startedAt: performance.now(), endedAt: undefined, repeats });
    if (this.#requests.size > MAX_REQUESTS) this.#dropEnded();
  };

  #onResponse = (response: HTTPResponse): void => {
    const headers = response.headers();
    if (REMEMBERED_STATUSES.includes(response.status()) || CACHE_HEADERS.some((name) => name in headers)) this.#isCached = true;
  };

  #onEnd = (request: HTTPRequest): void => {
    const seen = this.#requests.get(request);
    if (seen) seen.endedAt = performance.now();
  };

  #dropEnded(): void {
    const last = Math.max(...[...this.#requests.values()].map(({ endedAt = 0 }) => endedAt));
    for (const [request, { endedAt }] of this.#requests) if (endedAt !== undefined && endedAt < last) this.#requests.delete(request);
  }
}

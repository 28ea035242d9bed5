import type { Page as BrowserPage, HTTPRequest } from "puppeteer-core";
import type { NetworkState, SeenRequest } from "./quiet.ts";

/** A page may send requests forever; older ones that have ended do not matter. */
const MAX_REQUESTS = 1_000;

/** Follows the requests of one page. */
export class NetworkWatch {
  readonly #page: BrowserPage;
  #requests = new Map<HTTPRequest, SeenRequest>();
  #counts = new Map<string, number>();
  #since = performance.now();
  #hasStream = false;
  readonly #origins = new Set<string>();

  /** @param cdp of the page, with its Network domain enabled by puppeteer. */
  constructor(page: BrowserPage) {
    this.#page = page;
    page.on("request", this.#onRequest);
    page.on("requestfinished", this.#onEnd);
    page.on("requestfailed", this.#onEnd);
  }

  /** Restarts the wait for quiet, and the count of polling requests. */
  mark(): void {
    this.#since = performance.now();
    this.#counts.clear();
  }

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
    if (url.startsWith("data:") || url.startsWith("blob:")) return;
    this.#origins.add(new URL(url).origin);
    const address = `${request.method()} ${url.replace(/[?#].*$/s, "")}`;
    const repeats = this.#counts.get(address) ?? 0;
    this.#counts.set(address, repeats + 1);
    this.#requests.set(request, { url, method: request.method(), startedAt: performance.now(), endedAt: undefined, repeats });
    if (this.#requests.size > MAX_REQUESTS) this.#dropEnded();
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

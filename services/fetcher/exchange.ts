import type { Dispatcher } from "undici";
import { ProxyError } from "../core/net/proxy/errors.ts";
import { isRedirect } from "../core/protocol/redirect.ts";
import { retry } from "../core/runtime/retry.ts";
import type { Route } from "./agents.ts";
import type { BudgetLease } from "./body-budget.ts";
import { BodyCollector } from "./body-collector.ts";
import { BadResponseError, BodyCutError, BodyTooLargeError, FetchTimeoutError } from "./errors.ts";
import { firstValue, type HeaderValue } from "./headers.ts";
import type { Hop } from "./redirect.ts";
import { isLostReuse } from "./reused-connections.ts";
import { isEarlyEnd, toFetchError, wantsHttp2 } from "./transport-error.ts";

/** The body of a redirect is read up to here to keep the connection; beyond that, a new connection is cheaper. */
const DISCARDED_BYTES = 64 * 1024;

/** Servers send one or two; without a limit a server could keep the process busy for the task's whole time. */
const MAX_ANNOUNCEMENTS = 20;

/** Only proxies answer with it (RFC 9110, section 15.5.8). */
const PROXY_LOGIN_STATUS = 407;

/** Each attempt may meet one more connection that the server has closed. */
const MAX_ATTEMPTS = 4;
/** Requests that may run twice (RFC 9110, section 9.2.2). */
const SAFE_METHODS = new Set(["GET", "HEAD"]);

export type ResponseHeaders = Record<string, HeaderValue>;

/** A response as received. */
export interface Answer {
  statusCode: number;
  headers: ResponseHeaders;
  /** Still compressed. Empty if the response is a redirect that is followed. */
  wire: Buffer;
  /** The body ended before its end was reached. */
  isCut?: true;
}

export interface ExchangeOptions {
  route: Route;
  connectMs: number;
  /** The deadline (`performance.now()`) for the complete response, and the length of that wait for the message. */
  deadline: number;
  limitMs: number;
  maxBodyBytes: number;
  /** Longer bodies end there (at most one chunk later) instead of failing. */
  cutsBody?: boolean;
  followRedirects: boolean;
  /** A body that ends early is an answer. By default it is an error. */
  takesPartial?: boolean;
  budgetLease: BudgetLease;
}

/**
 * One request and its response. Rejects with a CrawlerError, or with an unknown error of undici. A safe request is sent again if its connection,
 * which earlier requests had used, is lost before the first byte: servers close idle connections at any time, and browsers do the same. If the server
 * speaks HTTP/2 alone, that is used.
 */
export async function exchange(hop: Hop, options: ExchangeOptions): Promise<Answer> {
  try {
    return await exchangeSafely(hop, options);
  } catch (error) {
    // Nothing was sent.
    if (!wantsHttp2((error as Error).cause) || !options.route.switchToHttp2(hop)) throw error;
    return await exchangeSafely(hop, options);
  }
}

const exchangeSafely = (hop: Hop, options: ExchangeOptions): Promise<Answer> =>
  retry(() => exchangeOnce(hop, options), {
    isTransient: (error) => isLostReuse((error as Error).cause),
    waitMs: 0,
    maxAttempts: SAFE_METHODS.has(hop.method) ? MAX_ATTEMPTS : 1,
  });

function exchangeOnce(hop: Hop, options: ExchangeOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const handler = new Exchange(hop, options, { resolve, reject });
    try {
      options.route.dispatch(hop, handler);
    } catch (error) {
      handler.abandon(error as Error);
    }
  });
}

interface Settle {
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/** States: connecting → waiting for headers → receiving → settled; a timeout or an error settles it from each of them. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #hop: Hop;
  readonly #options: ExchangeOptions;
  readonly #settle: Settle;
  #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #failure: Error | undefined;
  #statusCode = 0;
  #headers: ResponseHeaders = {};
  #isDiscarding = false;
  readonly #body: BodyCollector;
  #receivedBytes = 0;
  #announcements = 0;

  constructor(hop: Hop, options: ExchangeOptions, settle: Settle) {
    this.#hop = hop;
    this.#options = options;
    this.#settle = settle;
    this.#body = new BodyCollector(options.maxBodyBytes);
    const waitMs = Math.min(options.connectMs, this.#remainingMs());
    this.#timer = setTimeout(() => this.#timeOut("connect", waitMs), waitMs);
  }

  /** Nothing was sent. */
  abandon(error: Error): void {
    this.#fail(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure) {
      controller.abort(this.#failure);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#timeOut("answer", this.#options.limitMs), this.#remainingMs());
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: ResponseHeaders): void {
    // 103 and the like precede the response.
    if (statusCode < 200) {
      this.#announcements++;
      if (this.#announcements > MAX_ANNOUNCEMENTS)
        this.#fail(
          new BadResponseError(
            this.#hop.url.href,
            `more than ${MAX_ANNOUNCEMENTS} interim responses came instead of it, the last with status ${statusCode}`,
          ),
        );
      return;
    }
    const proxy = statusCode === PROXY_LOGIN_STATUS ? this.#options.route.forwarder(this.#hop) : undefined;
    if (proxy) {
      this.#fail(new ProxyError(proxy.label, `it answered with status ${statusCode}`));
      return;
    }
    this.#statusCode = statusCode;
    this.#headers = headers;
    this.#isDiscarding = this.#options.followRedirects && isRedirect(statusCode, firstValue(headers.location));
    const declared = Number(headers["content-length"]);
    const isBodyless = this.#hop.method === "HEAD" || statusCode === 304;
    const { maxBodyBytes, cutsBody } = this.#options;
    if (!this.#isDiscarding && !isBodyless && !cutsBody && declared > maxBodyBytes) this.#failLarge(`${declared} bytes`);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (this.#isDiscarding) {
      if (this.#receivedBytes > DISCARDED_BYTES) this.#cut();
      return;
    }
    const { maxBodyBytes, budgetLease, cutsBody } = this.#options;
    const isOver = this.#receivedBytes > maxBodyBytes;
    if (isOver && !cutsBody) {
      this.#failLarge(`more than ${maxBodyBytes} bytes`);
      return;
    }
    this.#body.push(chunk);
    if (isOver) {
      this.#cut();
      return;
    }
    const granted = budgetLease.take(chunk.length);
    if (!granted) return;
    controller.pause();
    granted.then(() => controller.resume());
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#failure || this.#statusCode === 0 || !isEarlyEnd(error)) this.#fail(error);
    else if (this.#isDiscarding || this.#options.takesPartial) this.#finish(this.#isDiscarding ? {} : { isCut: true });
    else this.#fail(new BodyCutError(this.#hop.url.href, this.#receivedBytes, this.#headers["content-length"], error));
  }

  #remainingMs(): number {
    return Math.max(0, this.#options.deadline - performance.now());
  }

  #finish(more: Pick<Answer, "isCut"> = {}): void {
    clearTimeout(this.#timer);
    this.#settle.resolve({ statusCode: this.#statusCode, headers: this.#headers, wire: this.#body.take(), ...more });
  }

  #cut(): void {
    this.#finish();
    this.#controller?.abort(new Error("not read completely"));
  }

  #timeOut(phase: "connect" | "answer", limitMs: number): void {
    this.#fail(new FetchTimeoutError({ url: this.#hop.url.href, limitMs, phase, receivedBytes: this.#receivedBytes }));
  }

  #failLarge(size: string): void {
    this.#fail(new BodyTooLargeError(this.#hop.url.href, size, this.#options.maxBodyBytes));
  }

  /** Undici reports the abort back to here; by then the promise is settled. */
  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    this.#body.drop();
    this.#settle.reject(toFetchError(error, this.#hop.url, this.#options.connectMs));
    this.#controller?.abort(error);
  }
}

/** Why a page did not come. Every one travels as `page.error` of a page with status 599. */
import { CrawlerError } from "../core/errors.ts";

/** The connection or the answer was not complete within its limit. */
export class FetchTimeoutError extends CrawlerError {
  readonly code = "E_FETCH_TIMEOUT";
  readonly retryable = true;

  constructor({
    url,
    limitMs,
    phase,
    receivedBytes,
  }: { url: string; limitMs: number; phase: "connect" | "answer"; receivedBytes: number }) {
    const seconds = Math.round(limitMs / 100) / 10;
    super(
      phase === "connect"
        ? `${url}: no connection within ${seconds} s. Raise connectTimeout if the server is that slow.`
        : `${url} was not complete after ${seconds} s (${receivedBytes} bytes of the body came). Raise timeout if the server is that slow.`,
    );
  }
}

/** The host name has no address. */
export class DnsError extends CrawlerError {
  readonly code = "E_DNS";
  readonly retryable = true;

  constructor(host: string, cause: unknown, detail: string) {
    super(`${host} could not be resolved (${detail}). Check the name in the URL.`, { cause });
  }
}

/** Refused, reset, or closed before the answer was complete. */
export class ConnectionError extends CrawlerError {
  readonly code = "E_CONNECTION";
  readonly retryable = true;

  constructor(url: string, cause: unknown, detail: string) {
    super(`${url}: the connection failed (${detail}).`, { cause });
  }
}

/** No TLS connection could be agreed on, or the certificate does not prove the host. */
export class TlsError extends CrawlerError {
  readonly code = "E_TLS";
  readonly retryable = true;

  constructor(url: string, cause: unknown, detail: string) {
    super(`${url}: no trusted TLS connection (${detail}). If the page may be read all the same, set validateCert to false.`, {
      cause,
    });
  }
}

/** What came is no valid HTTP. */
export class BadResponseError extends CrawlerError {
  readonly code = "E_BAD_RESPONSE";
  readonly retryable = true;

  constructor(url: string, detail: string, cause?: unknown) {
    super(`${url}: the answer could not be read (${detail}).`, { cause });
  }
}

/** The body, after decompression, passes the limit. */
export class BodyTooLargeError extends CrawlerError {
  readonly code = "E_BODY_TOO_LARGE";
  readonly retryable = false;

  /** `size`: what is known of it, such as `1073741824 bytes` or `more than 16777216 bytes`. */
  constructor(url: string, size: string, limitBytes: number) {
    super(`${url}: the body has ${size}, the limit is ${limitBytes}. Raise maxBodyBytes, up to the fetcher's ORB_MAX_BODY_MIB.`);
  }
}

export class TooManyRedirectsError extends CrawlerError {
  readonly code = "E_TOO_MANY_REDIRECTS";
  readonly retryable = false;

  constructor(url: string, limit: number, lastUrl: string) {
    super(`${url}: followed ${limit} redirects and was sent on to ${lastUrl}. Raise maxRedirects if the chain has an end.`);
  }
}

/** Not http, https or data, or no URL at all. */
export class UnsupportedUrlError extends CrawlerError {
  readonly code = "E_UNSUPPORTED_URL";
  readonly retryable = false;

  constructor(url: string, detail: string) {
    super(`${url.slice(0, 200)} cannot be fetched: ${detail}. Use an http:, https: or data: URL.`);
  }
}

/** A method or header that cannot be sent. */
export class BadRequestError extends CrawlerError {
  readonly code = "E_BAD_REQUEST";
  readonly retryable = false;

  constructor(url: string, detail: string) {
    super(`${url}: the request cannot be sent (${detail}). Correct what the task says of the request.`);
  }
}

/** The site's robots.txt closes the page to us. */
export class RobotsDisallowedError extends CrawlerError {
  readonly code = "E_ROBOTS_DISALLOWED";
  readonly retryable = false;

  constructor(url: URL, userAgent: string) {
    super(`${url.href} is closed to "${userAgent}" by ${url.origin}/robots.txt. If you may crawl it all the same, set robotsTxt to false.`);
  }
}

/** Whether the page is open to us cannot be told: the site has a robots.txt and does not hand it out (RFC 9309, section 2.3.1.4). */
export class RobotsUnreachableError extends CrawlerError {
  readonly code = "E_ROBOTS_UNREACHABLE";
  readonly retryable = true;

  constructor(origin: string, detail: string, cause?: unknown) {
    super(
      `${origin}/robots.txt could not be read (${detail}), so nothing of the site is fetched. To fetch without it, set robotsTxt to false.`,
      {
        cause,
      },
    );
  }
}

export class NoRendererError extends CrawlerError {
  readonly code = "E_NO_RENDERER";
  readonly retryable = false;

  constructor(url: string) {
    super(
      `${url} asks for a browser (fetchType "js"), but this fetcher knows no renderer. Start one (node services/renderer/main.ts) and set ORB_RENDERER_URL.`,
    );
  }
}

/** The renderer refused, did not answer, or answered nonsense. */
export class RendererUnavailableError extends CrawlerError {
  readonly code = "E_RENDERER_UNAVAILABLE";
  readonly retryable = true;

  constructor(rendererUrl: string, detail: string, cause?: unknown) {
    super(`The renderer at ${rendererUrl} did not render the page (${detail}). Check that it runs and that ORB_RENDERER_URL names it.`, {
      cause,
    });
  }
}

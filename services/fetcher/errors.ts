/** Why a page could not be fetched. Every error travels as `page.error` of a page with status 599. */
import { CrawlerError } from "../core/protocol/errors.ts";

/** The connection or the response was not complete within its limit. */
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

/** The connection ended in the middle of the body. */
export class BodyCutError extends CrawlerError {
  readonly code = "E_CONNECTION";
  readonly retryable = true;

  constructor(url: string, receivedBytes: number, length: unknown, cause: unknown) {
    const whole = length === undefined ? "" : ` of ${length}`;
    super(`${url}: the body ended early (${receivedBytes}${whole} bytes came). To take what came, set partial to true.`, { cause });
  }
}

/** TLS negotiation failed, or the certificate does not prove the host. */
export class TlsError extends CrawlerError {
  readonly code = "E_TLS";
  readonly retryable = true;

  constructor(url: string, cause: unknown, detail: string) {
    super(`${url}: no trusted TLS connection (${detail}). ${tlsHint(detail)}`, { cause });
  }
}

const CERTIFICATE = /CERT|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA/;
const WEAK =
  /TOO_SMALL|TOO_WEAK|NO_SHARED_CIPHER|HANDSHAKE_FAILURE|NO_CIPHERS|BAD_SIGNATURE|UNKNOWN_DIGEST|WRONG_SIGNATURE_TYPE|NO_SUITABLE/;
const VERSION = /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|VERSION_TOO_LOW/;
const NOT_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL/;

/** What a user can do about a failure of TLS, by OpenSSL's reason. */
export function tlsHint(detail: string): string {
  if (WEAK.test(detail)) return 'If the server is old, set tls to { ciphers: "DEFAULT@SECLEVEL=0" }.';
  if (VERSION.test(detail)) return 'If the server is old, set tls to { minVersion: "TLSv1" }.';
  if (NOT_TLS.test(detail)) return "The server does not speak TLS on this port: check the URL, perhaps it is an http: one.";
  if (CERTIFICATE.test(detail)) return "To read the page without a trusted certificate, set validateCert to false.";
  return "The server ended the negotiation; validateCert cannot change that.";
}

/** The response is not valid HTTP. */
export class BadResponseError extends CrawlerError {
  readonly code = "E_BAD_RESPONSE";
  readonly retryable = true;

  constructor(url: string, detail: string, cause?: unknown) {
    super(`${url}: the response could not be read (${detail}).`, { cause });
  }
}

/** The body, after decompression, exceeds the limit. */
export class BodyTooLargeError extends CrawlerError {
  readonly code = "E_BODY_TOO_LARGE";
  readonly retryable = false;

  /** `size`: the known size, such as `1073741824 bytes` or `more than 16777216 bytes`. */
  constructor(url: string, size: string, limitBytes: number) {
    super(`${url}: the body has ${size}, the limit is ${limitBytes}. Raise maxBodyBytes, up to the fetcher's ORB_MAX_BODY_MIB.`);
  }
}

export class TooManyRedirectsError extends CrawlerError {
  readonly code = "E_TOO_MANY_REDIRECTS";
  readonly retryable = false;

  constructor(url: string, limit: number, lastUrl: string) {
    super(`${url}: followed ${limit} redirects and was redirected to ${lastUrl}. Raise maxRedirects if the chain ends.`);
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

/** The page, or where it redirects to, is on a host that the project does not crawl. */
export class OutsideDomainsError extends CrawlerError {
  readonly code = "E_OUTSIDE_DOMAINS";
  readonly retryable = false;

  constructor(url: string, lastUrl: string) {
    super(
      `${url}${lastUrl === url ? "" : ` redirects to ${lastUrl}, which`} is not in allowedDomains. Add its host if it is part of the site.`,
    );
  }
}

/** A method or header that cannot be sent. */
export class BadRequestError extends CrawlerError {
  readonly code = "E_BAD_REQUEST";
  readonly retryable = false;

  constructor(url: string, detail: string) {
    super(`${url}: the request cannot be sent (${detail}). Correct the task's options.`);
  }
}

/** The site's robots.txt disallows the page. */
export class RobotsDisallowedError extends CrawlerError {
  readonly code = "E_ROBOTS_DISALLOWED";
  readonly retryable = false;

  constructor(url: URL, userAgent: string) {
    super(
      `${url.href} is disallowed for "${userAgent}" by ${url.origin}/robots.txt. If you have permission to crawl it, set robotsTxt to false.`,
    );
  }
}

/** Whether the page is allowed is unknown: the site has a robots.txt but does not serve it (RFC 9309, section 2.3.1.4). */
export class RobotsUnreachableError extends CrawlerError {
  readonly code = "E_ROBOTS_UNREACHABLE";
  readonly retryable = true;

  constructor(origin: string, detail: string, cause?: unknown) {
    super(
      `${origin}/robots.txt could not be read (${detail}), so no page of the site is fetched. To fetch without it, set robotsTxt to false.`,
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
      `${url} needs a browser (fetchType "js"), but this fetcher has no renderer. Start one (node services/renderer/main.ts) and set ORB_RENDERER_URL.`,
    );
  }
}

/** The renderer refused, did not answer, or sent an invalid answer. */
export class RendererUnavailableError extends CrawlerError {
  readonly code = "E_RENDERER_UNAVAILABLE";
  readonly retryable = true;

  /** Whether it refused the page because it renders others. */
  readonly isBusy: boolean;

  constructor(rendererUrl: string, detail: string, { cause, isBusy = false }: { cause?: unknown; isBusy?: boolean } = {}) {
    super(
      `The renderer at ${rendererUrl} did not render the page (${detail}). Check that it runs and that ORB_RENDERER_URL is its address.`,
      {
        cause,
      },
    );
    this.isBusy = isBusy;
  }
}

/** The kept page of a task is damaged. */
export class KeptPageError extends CrawlerError {
  readonly code = "E_KEPT_PAGE";
  readonly retryable = false;

  constructor(url: string, cause: unknown) {
    super(`The stored page of ${url} cannot be read (${cause instanceof Error ? cause.message : cause}). Fetch the page again.`, { cause });
  }
}

import { CrawlerError } from "../core/protocol/errors.ts";
import { BadRequestError, BadResponseError, ConnectionError, DnsError, FetchTimeoutError, TlsError } from "./errors.ts";

const DNS = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_NODATA", "EAI_FAIL", "EAI_NONAME"]);
const CONNECTION =
  /^(ERR_HTTP2_|ECONN|EPIPE|EHOST|ENET|ETIMEDOUT|EADDRNOTAVAIL|EACCES|EPERM|EINVAL|EMFILE|UND_ERR_SOCKET|UND_ERR_(CLOSED|DESTROYED|ABORTED))/;
const TLS = /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;
const RESPONSE = /^(HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES|UND_ERR_INVALID_RETURN)/;
const REQUEST = /^UND_ERR_(INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH)/;

/** Ends of a connection while a body is read. */
const EARLY_END = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|HPE_INVALID_EOF_STATE|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/;

/** Whether a server refused a connection because HTTP/1.1 was all it was offered (RFC 7301, section 3.2). */
export const wantsHttp2 = (error: unknown): boolean =>
  error instanceof Error && /NO_APPLICATION_PROTOCOL/.test((error as NodeJS.ErrnoException).code ?? "");

/** Whether a response that has begun failed because the server ended it, and not for what it sent. */
export const isEarlyEnd = (error: Error): boolean => EARLY_END.test((error as NodeJS.ErrnoException).code ?? "");

/** Translates an error of undici or Node into one that says what to do. Our errors and unknown ones are returned unchanged. */
export function toFetchError(error: unknown, url: URL, connectMs: number): unknown {
  if (error instanceof CrawlerError || !(error instanceof Error)) return error;
  const [first] = error instanceof AggregateError ? error.errors : [];
  if (first instanceof CrawlerError) return first;
  const code = (error as NodeJS.ErrnoException).code ?? (first as NodeJS.ErrnoException | undefined)?.code ?? error.name;
  const detail = describe(error.message || first?.message, code);
  if (DNS.has(code)) return new DnsError(url.hostname, error, code);
  if (code === "UND_ERR_CONNECT_TIMEOUT")
    return new FetchTimeoutError({ url: url.href, limitMs: connectMs, phase: "connect", receivedBytes: 0 });
  if (TLS.test(code)) return new TlsError(url.href, error, detail);
  if (CONNECTION.test(code)) return new ConnectionError(url.href, error, detail);
  if (RESPONSE.test(code) || error.name === "HTTPParserError") return new BadResponseError(url.href, detail, error);
  if (REQUEST.test(code)) return new BadRequestError(url.href, error.message);
  return error;
}

/** OpenSSL's messages have lines and fields; of `id:error:code:library:function:reason:file…` only the reason is useful. */
function describe(message: string | undefined, code: string): string {
  const text = message?.replace(/^\w*:error:[^:]*:[^:]*:[^:]*:([^:]+):.*$/s, "$1").trim();
  if (!text) return code;
  return text.includes(code) ? text : `${text}, ${code}`;
}

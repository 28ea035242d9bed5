/** Answers that Chromium would save instead of showing. */
import type { CDPSession } from "puppeteer-core";
import { KIB } from "../core/protocol/byte-units.ts";
import { RenderedTooLargeError } from "./errors.ts";
import type { PausedAnswer } from "./request-takeover.ts";

const READ_BYTES = 256 * KIB;
/** Types that Chromium shows as a document; application/octet-stream and the like are not among them. */
const SHOWN = /^(?:text\/|[^;]*[/+](?:xml|json)\b|application\/(?:x-)?javascript\b|multipart\/x-mixed-replace\b)/i;
/** A browser stays on its page (RFC 9110, sections 15.3.5 and 15.3.6). */
export const EMPTY_STATUSES = [204, 205];

type Head = Pick<PausedAnswer, "responseStatusCode" | "responseHeaders">;

/** A header of a response by its lower-case name. */
const headerOf = ({ responseHeaders = [] }: Head, wanted: string) =>
  responseHeaders.find(({ name }) => name.toLowerCase() === wanted)?.value;

/** Whether the bytes of the response are the page: an attachment, a PDF, a picture, or no content at all. Without a type Chromium guesses. */
export function isDownload(head: Head): boolean {
  const { responseStatusCode: status } = head;
  if (status >= 300 && status < 400) return false;
  if (EMPTY_STATUSES.includes(status)) return true;
  if (/^\s*attachment\b/i.test(headerOf(head, "content-disposition") ?? "")) return true;
  const type = headerOf(head, "content-type")?.trim();
  return type !== undefined && type !== "" && !SHOWN.test(type);
}

/** Lower-case names; repeated headers joined by a line feed, as puppeteer does. */
export function headersOf({ responseHeaders = [] }: Head): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { name, value } of responseHeaders) {
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}\n${value}`;
  }
  return headers;
}

/**
 * The bytes of a paused response, decompressed.
 *
 * @throws RenderedTooLargeError as soon as there are more than `maxBytes`; Chromium's own errors.
 */
export async function readDownload(cdp: CDPSession, { requestId, request }: PausedAnswer, maxBytes: number): Promise<Buffer> {
  const { stream: handle } = await cdp.send("Fetch.takeResponseBodyAsStream", { requestId });
  const parts: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const { data, base64Encoded, eof } = await cdp.send("IO.read", { handle, size: READ_BYTES });
    const part = Buffer.from(data, base64Encoded ? "base64" : "utf8");
    bytes += part.length;
    if (bytes > maxBytes) throw new RenderedTooLargeError(request.url, bytes, maxBytes);
    parts.push(part);
    if (eof) break;
  }
  await cdp.send("IO.close", { handle });
  return Buffer.concat(parts);
}

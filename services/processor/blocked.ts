import type { Page } from "../core/protocol/messages.ts";

/** The client has sent too many requests (RFC 6585, section 4). */
const TOO_MANY_REQUESTS = 429;
/** The statuses that services against crawlers send with their notice. */
const NOTICE_STATUSES = [403, 503];
/** Notices are short; of longer pages, only the beginning is searched. */
const SEARCHED_BYTES = 16_384;

/**
 * Headers of such services: Cloudflare ("Detect a challenge page response" of its documentation), AWS WAF ("CAPTCHA and Challenge"), DataDome, and
 * Sucuri's block page.
 */
const NOTICE_HEADERS = ["cf-mitigated", "x-amzn-waf-action", "x-datadome", "x-dd-b", "x-sucuri-block"];

/** What their notices say to people. */
const NOTICE_TEXT =
  /captcha|just a moment\.\.\.|attention required! \| cloudflare|checking your browser|unusual traffic|too many requests|rate limit|request unsuccessful\. incapsula|are you a (?:human|robot)|verify (?:that )?you are (?:a )?human|ddos protection|temporarily blocked|your ip (?:address )?has been/i;

/**
 * Whether the server refuses the crawl for now, and not only this page: status 429; or 403 or 503 with the headers or the text of a service against
 * crawlers. A plain 403 is a page that is closed, and a plain 503 may be an accident.
 */
export function isBlocked({ statusCode, headers, content }: Pick<Page, "statusCode" | "headers" | "content">): boolean {
  if (statusCode === TOO_MANY_REQUESTS) return true;
  if (!NOTICE_STATUSES.includes(statusCode)) return false;
  if (NOTICE_HEADERS.some((name) => headers[name] !== undefined)) return true;
  return NOTICE_TEXT.test(Buffer.from(content.buffer, content.byteOffset, Math.min(SEARCHED_BYTES, content.byteLength)).toString("latin1"));
}

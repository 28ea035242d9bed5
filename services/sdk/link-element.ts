import { resolveUrl } from "./host.ts";
import { RUN_LIMITS } from "./run-limits.ts";

/** Anything with a `href`, such as an element of `response.doc("a")`. */
export interface LinkElement {
  attribs: Record<string, string>;
}

/** The http or https address of a link; undefined if it has none. @throws TypeError if it is no element. */
export function urlOf(element: LinkElement): string | undefined {
  if (typeof element?.attribs !== "object")
    throw new TypeError(`crawl() takes URLs and link elements, not ${typeof element}: ${String(element).slice(0, 100)}`);
  const link = element.attribs.href ?? element.attribs.src;
  if (!link || !/^https?:/i.test(link) || link.length > RUN_LIMITS.urlLength) return undefined;
  // Pages have links that are not URLs; these are left unchanged.
  const url = PLAIN_URL.test(link) ? link : resolveUrl(link);
  return url !== "" && url.length <= RUN_LIMITS.urlLength ? url : undefined;
}

/**
 * URLs that `URL` would write in the same way need no call to the host, which costs a microsecond or two: no number for a host, no default
 * port, no `.` or `..` in the path.
 */
const PLAIN_URL =
  /^https?:\/\/(?![^/]*xn--)(?:[a-z\d][a-z\d-]*\.)*[a-z][a-z\d-]*(?::[1-9]\d{3})?\/(?!(?:[^?#]*\/)?(?:\.|%2[eE]){1,2}(?:[/?#]|$))[\w!$&()*+,./:;=?@%~#-]*$/;

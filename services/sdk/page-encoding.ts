/** Links and forms in the encoding of their page, as browsers send them. */
import { labelToName } from "./encoding-labels.ts";
import { encodeBytes } from "./host.ts";

/** The name of the encoding in which a page with this label sends (Encoding standard, "get an output encoding"): `"gb2312"` -> `"GBK"`. */
export function outputEncoding(label: string): string | undefined {
  const name = labelToName(label);
  if (name === null) return undefined;
  return /^(?:utf-16|replacement)/i.test(name) ? "UTF-8" : name;
}

/**
 * The text's bytes, one character each. What the encoding does not have becomes `&#20013;`, or `%26%2320013%3B` in the mode `escape`.
 *
 * @throws RangeError if the encoding is unknown.
 */
export function toPageBytes(text: string, encoding: string, mode: "reference" | "escape" = "reference"): string {
  const encoded = encodeBytes(text, encoding, mode);
  if (encoded === "") throw new RangeError(`unknown encoding ${encoding}`);
  return encoded.slice(1);
}

/** Links of other schemes are written in UTF-8 (URL standard, "query state"). */
const OTHER_SCHEME = /^\s*(?!https?:)[a-z][a-z\d+.-]*:/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern detects ASCII.
const ASCII = /^[\x00-\x7f]*$/;
/** All but the characters that a query keeps (URL standard, "special-query percent-encode set"). */
const ESCAPED = /[^!$%&()*+,\-./0-9:;=?@A-Z[\\\]^_`a-z{|}~]/g;

/** A page's link with the query in the page's encoding; the rest of it is left as it is. */
export function encodeLinkQuery(link: string, encoding: string): string {
  if (ASCII.test(link) || /^utf-/.test(encoding) || OTHER_SCHEME.test(link)) return link;
  const [, start, query = "", fragment] = /^([^?#]*\?)([^#]*)(.*)$/s.exec(link) ?? [];
  if (ASCII.test(query)) return link;
  const bytes = toPageBytes(query.replace(/[\t\r\n]/g, ""), encoding, "escape");
  return start + bytes.replace(ESCAPED, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`) + fragment;
}

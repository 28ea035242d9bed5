import { type Field, type Fields, readFields } from "./fields.ts";
import { toPageBytes } from "./page-encoding.ts";
import { Refusal } from "./refusal.ts";

/** application/x-www-form-urlencoded leaves letters, digits and `*-._` as they are (URL standard, section 5.2). */
const STANDS_FOR: Record<string, string> = { "%20": "+", "!": "%21", "'": "%27", "(": "%28", ")": "%29", "~": "%7E" };

/** `"1 2"` -> `"1+2"`: a name or value as forms and `URLSearchParams` write it. Halves of surrogate pairs become U+FFFD. */
export const encodeFormText = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/%20|[!'()~]/g, (found) => STANDS_FOR[found] as string);

/** As `encodeFormText` in the encoding of a page: `"中", "gbk"` -> `"%D6%D0"`. */
const encodeFormTextIn = (text: string, encoding: string): string =>
  toPageBytes(text, encoding)
    .replace(/[^A-Za-z\d*\-._ ]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)
    .replaceAll(" ", "+");

/** `[["a", "1 2"], ["b", ""]]` -> `"a=1+2&b="`, equal to `URLSearchParams.toString()`. */
export function encodeFormPairs(pairs: Iterable<Field>, encoding = "utf-8"): string {
  const encode = encoding === "utf-8" ? encodeFormText : (text: string) => encodeFormTextIn(text, encoding);
  return Array.from(pairs, ([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
}

/** `{ a: "1 2", b: ["3", 4] }` -> `"a=1+2&b=3&b=4"`, as forms send it; undefined if it has no fields. */
export function readForm(value: unknown): string | Refusal | undefined {
  const fields = readFields(value);
  return fields === undefined || fields instanceof Refusal ? fields : encodeFormPairs(fields);
}

/**
 * Fields as the text of a form or a query, in any encoding: `encodeForm({ q: "中文" }, "gbk")` -> `"q=%D6%D0%CE%C4"`. Characters that the encoding does
 * not have become references such as `&#9731;`, as in browsers.
 *
 * @throws TypeError naming a field whose value is not a text, a finite number, a boolean, a bigint or a list of these.
 * @throws RangeError if the encoding is unknown.
 */
export function encodeForm(fields: Fields, encoding = "utf-8"): string {
  const pairs = readFields(fields);
  if (pairs === undefined) throw new TypeError("encodeForm() takes an object of fields, URLSearchParams, or pairs");
  if (pairs instanceof Refusal) throw new TypeError(`encodeForm() takes fields; ${pairs.reason}`);
  return encodeFormPairs(pairs, encoding);
}

import { toStorable } from "../core/protocol/checks.ts";

/** application/x-www-form-urlencoded leaves letters, digits and `*-._` as they are (URL standard, section 5.2). */
const STANDS_FOR: Record<string, string> = { "%20": "+", "!": "%21", "'": "%27", "(": "%28", ")": "%29", "~": "%7E" };

/** `"1 2"` -> `"1+2"`: a name or value as forms and `URLSearchParams` write it. Halves of surrogate pairs become U+FFFD. */
export const encodeFormText = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/%20|[!'()~]/g, (found) => STANDS_FOR[found] as string);

/** `[["a", "1 2"], ["b", ""]]` -> `"a=1+2&b="`, equal to `URLSearchParams.toString()`. */
export const encodeFormPairs = (pairs: Iterable<readonly [name: string, value: string]>): string =>
  Array.from(pairs, ([name, value]) => `${encodeFormText(name)}=${encodeFormText(value)}`).join("&");

/** An object with any values as texts; undefined for anything else. */
export function readTexts(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map((pair) => pair.map(toStorable)));
}

/** `{ a: "1 2" }` -> `"a=1+2"`, as forms send it; undefined if it is no object. */
export function encodeForm(fields: unknown): string | undefined {
  const texts = readTexts(fields);
  return texts && encodeFormPairs(Object.entries(texts));
}

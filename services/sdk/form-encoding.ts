import { type Field, readFields } from "./fields.ts";
import { Refusal } from "./refusal.ts";

/** application/x-www-form-urlencoded leaves letters, digits and `*-._` as they are (URL standard, section 5.2). */
const STANDS_FOR: Record<string, string> = { "%20": "+", "!": "%21", "'": "%27", "(": "%28", ")": "%29", "~": "%7E" };

/** `"1 2"` -> `"1+2"`: a name or value as forms and `URLSearchParams` write it. Halves of surrogate pairs become U+FFFD. */
export const encodeFormText = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/%20|[!'()~]/g, (found) => STANDS_FOR[found] as string);

/** `[["a", "1 2"], ["b", ""]]` -> `"a=1+2&b="`, equal to `URLSearchParams.toString()`. */
export const encodeFormPairs = (pairs: Iterable<Field>): string =>
  Array.from(pairs, ([name, value]) => `${encodeFormText(name)}=${encodeFormText(value)}`).join("&");

/** `{ a: "1 2", b: ["3", 4] }` -> `"a=1+2&b=3&b=4"`, as forms send it; undefined if it has no fields. */
export function encodeForm(value: unknown): string | Refusal | undefined {
  const fields = readFields(value);
  return fields === undefined || fields instanceof Refusal ? fields : encodeFormPairs(fields);
}

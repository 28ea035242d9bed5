/** JSON without rounding: JavaScript's numbers are exact up to 2 ** 53 - 1, and ids of 64 bits are larger. */
import { JSON_LIMITS, JsonLimitError, measureJson } from "../core/protocol/json-limits.ts";

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * `JSON.parse`, except that numbers become texts if they are beyond 2 ** 53 - 1 and have no exponent, or are beyond 1.8e308:
 * `{"id":4901234567890123456}` -> `{ id: "4901234567890123456" }`.
 *
 * @throws JsonLimitError if the text is not JSON, has more than 4,000,000 values (an object or a list counts as 5), or more than 200 levels.
 */
// biome-ignore lint/suspicious/noExplicitAny: any JSON value; the script knows its own.
export function parseJson(text: string): any {
  const { verdict, wideNumbers } = measureJson(text, JSON_LIMITS.page);
  if (verdict !== "ok") throw new JsonLimitError(verdict, JSON_LIMITS.page);
  return JSON.parse(quoteInexact(text, wideNumbers));
}

/** @param wideNumbers where numbers begin that may be inexact, in the order of the text. */
function quoteInexact(text: string, wideNumbers: readonly number[]): string {
  const parts: string[] = [];
  let copied = 0;
  for (const start of wideNumbers) {
    NUMBER.lastIndex = start;
    const [number = ""] = NUMBER.exec(text) ?? [];
    if (isExact(number)) continue;
    parts.push(text.slice(copied, start), `"${number}"`);
    copied = start + number.length;
  }
  return copied === 0 ? text : parts.join("") + text.slice(copied);
}

function isExact(number: string): boolean {
  const value = Math.abs(Number(number));
  return value <= Number.MAX_SAFE_INTEGER || (Number.isFinite(value) && /e/i.test(number));
}

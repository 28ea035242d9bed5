/** How scripts write fetch options, where they may write more than the form of a task. */
import { isStorable } from "../core/protocol/checks.ts";
import { type Bytes, FETCH_OPTIONS, type FetchOption, type Spelling } from "../core/protocol/fetch-options.ts";
import { type Duration, parseDuration } from "./duration.ts";
import { encodeForm, readTexts } from "./form-encoding.ts";

/** The types of the spellings. */
export interface Spellings extends Record<Spelling, unknown> {
  duration: Duration;
  method: string;
  texts: Record<string, string>;
  headers: Record<string, string>;
  body: string | Uint8Array | Record<string, string | number | boolean>;
}

/** What an option accepts, for messages; and its value in the form of a task, or undefined if it is not valid. */
export type OptionReader = [accepts: string, read: (value: unknown) => unknown];

/** In lower case, so that a stronger header replaces a weaker one in any spelling. */
function readHeaders(value: unknown): Record<string, string> | undefined {
  const texts = readTexts(value);
  return texts && Object.fromEntries(Object.entries(texts).map(([name, text]) => [name.toLowerCase(), text]));
}

function readBody(value: unknown): string | Bytes | undefined {
  if (isStorable(value)) return value;
  return value instanceof Uint8Array ? { base64: value.toBase64() } : encodeForm(value);
}

const { method, headers, cookies } = FETCH_OPTIONS;

/** Of the values of all options. */
const MAX_DEPTH = 4;

/** A reader for each spelling; `readerOf` also applies the option's own check. */
export const SPELLINGS: Record<Spelling, OptionReader> = {
  duration: ['seconds from 0, or a text like "30s", "5m", "12h", "10d"', parseDuration],
  method: [method.accepts, (value) => (typeof value === "string" ? value.toUpperCase() : undefined)],
  texts: [cookies.accepts, readTexts],
  headers: [headers.accepts, readHeaders],
  body: ["a text, bytes, or an object of form fields", readBody],
};

/** The reader of one option: its spelling, then the check that the parent process does as well. */
export function readerOf({ spelling, accepts, isValid }: FetchOption): OptionReader {
  const [written, read] = spelling === undefined ? [accepts, (value: unknown) => copyOf(value)] : SPELLINGS[spelling];
  return [
    written,
    (value) => {
      const ready = read(value);
      return isValid(ready) ? ready : undefined;
    },
  ];
}

/** A script may change a list, or an object in it, after the call. Of a circle, nothing is left to be valid. */
function copyOf(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return depth > MAX_DEPTH ? undefined : value;
  if (Array.isArray(value)) return value.map((one) => copyOf(one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copyOf(one, depth + 1)]));
}

/** How scripts write fetch options, where they may write more than the form of a task. */
import { isStorable } from "../core/protocol/checks.ts";
import { type Bytes, FETCH_OPTIONS, type FetchOption, repeatedHeader, type Spelling } from "../core/protocol/fetch-options.ts";
import { type Duration, parseDuration } from "./duration.ts";
import { type Fields, type FieldValue, readTexts } from "./fields.ts";
import { readForm } from "./form-encoding.ts";
import { Refusal } from "./refusal.ts";

/** The types of the spellings. */
export interface Spellings extends Record<Spelling, unknown> {
  duration: Duration;
  method: string;
  texts: Record<string, FieldValue>;
  headers: Record<string, FieldValue>;
  body: string | Uint8Array | Fields;
}

/** What an option accepts, for messages; and its value in the form of a task, or undefined or the reason if it is not valid. */
export type OptionReader = [accepts: string, read: (value: unknown) => unknown];

function readHeaders(value: unknown): Record<string, string> | Refusal | undefined {
  const texts = readTexts(value);
  const repeated = texts === undefined || texts instanceof Refusal ? undefined : repeatedHeader(texts);
  return repeated === undefined ? texts : new Refusal(`${JSON.stringify(repeated)} is there in another spelling, too: write one of them`);
}

function readBody(value: unknown): string | Bytes | Refusal | undefined {
  if (isStorable(value)) return value;
  return value instanceof Uint8Array ? { base64: value.toBase64() } : readForm(value);
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
  body: ["a text, bytes, or form fields with texts, numbers, true or false, or lists of these", readBody],
};

/** The reader of one option: its spelling, then the check that the parent process does as well. */
export function readerOf({ spelling, accepts, isValid }: FetchOption): OptionReader {
  const [written, read] = spelling === undefined ? [accepts, (value: unknown) => copyOf(value)] : SPELLINGS[spelling];
  return [
    written,
    (value) => {
      const ready = read(value);
      return ready instanceof Refusal || isValid(ready) ? ready : undefined;
    },
  ];
}

/** A script may change a list, or an object in it, after the call. Of a circle, nothing is left to be valid. */
function copyOf(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return depth > MAX_DEPTH ? undefined : value;
  if (Array.isArray(value)) return value.map((one) => copyOf(one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copyOf(one, depth + 1)]));
}

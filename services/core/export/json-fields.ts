import { endOfString } from "../protocol/json-limits.ts";

/** A field of an object in JSON text. */
export interface JsonField {
  key: string;
  /** Where the field begins in the text, with its name. */
  start: number;
  /** Where its value begins. */
  valueStart: number;
  /** Where its value ends. */
  end: number;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Whether valid JSON text is an object. */
export const isJsonObject = (json: string): boolean => /^\s*\{/.test(json);

/**
 * The fields of an object, from its JSON text: values are located, not parsed, so that their shape costs no memory.
 *
 * @param json valid JSON of an object. A repeated name is returned twice.
 */
export function* jsonFields(json: string): Generator<JsonField> {
  for (let at = json.indexOf("{") + 1; ; ) {
    const start = nextToken(json, at);
    if (json.charCodeAt(start) === CLOSE_OBJECT) return;
    const keyEnd = endOfString(json, start);
    const valueStart = nextToken(json, json.indexOf(":", keyEnd) + 1);
    const end = endOfValue(json, valueStart);
    const name = json.slice(start + 1, keyEnd - 1);
    yield { key: name.includes("\\") ? (JSON.parse(json.slice(start, keyEnd)) as string) : name, start, valueStart, end };
    at = end;
  }
}

const isBetween = (code: number) => code <= SPACE || code === COMMA;

/** Skips white space and commas. */
function nextToken(json: string, start: number): number {
  let at = start;
  while (isBetween(json.charCodeAt(at))) at++;
  return at;
}

function endOfValue(json: string, start: number): number {
  const first = json.charCodeAt(start);
  if (first === QUOTE) return endOfString(json, start);
  if (first === OPEN_LIST || first === OPEN_OBJECT) return endOfContainer(json, start);
  let at = start;
  while (!isBetween(json.charCodeAt(at)) && json.charCodeAt(at) !== CLOSE_OBJECT) at++;
  return at;
}

function endOfContainer(json: string, start: number): number {
  let level = 0;
  for (let at = start; ; ) {
    const code = json.charCodeAt(at);
    at = code === QUOTE ? endOfString(json, at) : at + 1;
    if (code === OPEN_LIST || code === OPEN_OBJECT) level++;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) level--;
    if (level === 0) return at;
  }
}

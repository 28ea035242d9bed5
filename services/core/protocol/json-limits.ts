/**
 * Bounds JSON text before it is parsed: a few bytes of text may become hundreds of bytes of memory.
 *
 * The limits of every use are in `JSON_LIMITS`.
 */

/** The limits of a JSON text. */
export interface JsonLimits {
  /** Nesting levels of objects and lists. */
  depth: number;
  /** Values and names, counted by `measureJson`. */
  values: number;
}

/** An object or a list takes up to five times the memory of any other value. */
const CONTAINER_VALUES = 5;

/** Nesting levels of any JSON value, so that no recursion runs out of stack. */
const DEPTH = 200;

/**
 * The limits by use. Memory of a parsed text, measured with Node 26 on 18 shapes of 8 MiB: 40 bytes a value at most (objects with one name each, all
 * names different, and numbers as names); 8 bytes a value in usual data (records with the same names).
 */
export const JSON_LIMITS = {
  /**
   * A page, or all result rows of one run. Only the script's process parses them: 156 MiB at most, 32 MiB in usual data.
   * 200,000 records of four fields and a list of two numbers have 3.8 million values; 8 MiB of `[{},{},…]` have 14 million.
   */
  page: { depth: DEPTH, values: 4_000_000 },
  /** The output of one run except its rows. The roles parse it: 40 MiB at most. 10,000 tasks with headers and a small `save` have 500,000 values. */
  answer: { depth: DEPTH, values: 1_000_000 },
  /** The result of `jsScript`. Fetcher and processor parse it: 20 MiB at most. */
  rendered: { depth: DEPTH, values: 500_000 },
  /** A queue message: an answer without its rows, or an order with a page. Its own objects add a few levels. */
  message: { depth: DEPTH + 10, values: 1_250_000 },
  /** One task, one message or `this.save`: a scheduler or fetcher holds hundreds of them in memory, 0.4 MiB each at most. */
  task: { depth: DEPTH, values: 10_000 },
  /** The body of a request to the web UI: a message with its envelope. */
  body: { depth: DEPTH + 1, values: 10_100 },
} as const satisfies Record<string, JsonLimits>;

/** `deep` and `many` are above a limit; `invalid` is no JSON (RFC 8259). */
export type JsonVerdict = "ok" | "deep" | "many" | "invalid";

/** The result of `measureJson`. After any verdict but `ok`, `values` counts the text up to that place. */
export interface JsonMeasure {
  verdict: JsonVerdict;
  values: number;
  /** Where numbers begin that a JavaScript number may not hold: with at least 16 characters, or an exponent of three digits. */
  wideNumbers: number[];
}

/**
 * Checks and counts JSON text in one pass without keeping any of it. A text, number, `true`, `false`, `null` or field name counts as one value,
 * an object or a list as five.
 */
export function measureJson(text: string, limits: JsonLimits): JsonMeasure {
  const scanner = new Scanner(text, limits);
  const verdict = scanner.run();
  forgetLastMatch();
  return { verdict, values: scanner.values, wideNumbers: scanner.wideNumbers };
}

/** JSON text that exceeds a limit, or is not JSON. */
export class JsonLimitError extends Error {
  readonly verdict: Exclude<JsonVerdict, "ok">;

  constructor(verdict: Exclude<JsonVerdict, "ok">, limits: JsonLimits) {
    super(verdict === "invalid" ? "The text is not valid JSON" : `The JSON has ${describeExcess(verdict, limits)}`);
    this.verdict = verdict;
  }
}

/** `"values nested deeper than 200 levels"`, or `"more than 10,000 values (an object or a list counts as 5)"`. */
export const describeExcess = (verdict: "deep" | "many", { depth, values }: JsonLimits): string =>
  verdict === "deep"
    ? `values nested deeper than ${depth} levels`
    : `more than ${values.toLocaleString("en")} values (an object or a list counts as ${CONTAINER_VALUES})`;

/** `JSON.parse` of a text that is within its limits. @throws JsonLimitError */
export function parseJson(text: string, limits: JsonLimits): unknown {
  if (mayExceed(text, limits)) {
    const { verdict } = measureJson(text, limits);
    if (verdict !== "ok") throw new JsonLimitError(verdict, limits);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonLimitError("invalid", limits);
  }
}

/**
 * False if valid JSON of this length, with these brackets, cannot exceed the limits. That holds for most texts, and finding it out takes less time
 * than `measureJson`, which takes longer than parsing.
 */
export const mayExceed = (text: string, { depth, values }: JsonLimits): boolean =>
  text.length * MOST_VALUES_A_CHARACTER > values || hasMore(text, ["[", "{"], depth);

/** Of valid JSON: `[[]]` has two lists in four characters. */
const MOST_VALUES_A_CHARACTER = CONTAINER_VALUES / 2;

/** Whether the text has more than `count` of these characters. */
function hasMore(text: string, characters: string[], count: number): boolean {
  let found = 0;
  for (const character of characters)
    for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) if (++found > count) return true;
  return false;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** From `[` to `]`, and from `{` to `}`. */
const TO_CLOSE = 2;
const FIRST_PRINTABLE = 0x20;

const ESCAPES = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));
const UNICODE_ESCAPE = 0x75;
const FOUR_DIGITS = /[\da-fA-F]{4}/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;

/** V8 keeps the text of the last match, which may have 8 MiB. */
function forgetLastMatch(): void {
  SCALAR.lastIndex = 0;
  SCALAR.test("0");
}

/** 2 ** 53 has 16 digits. */
const SAFE_CHARACTERS = 16;
/** The largest numbers have an exponent of three digits; before these is one of the signs. */
const EXPONENT_CHARACTERS = 4;
const EXPONENT_SIGNS = new Set(Array.from("eE+", (sign) => sign.charCodeAt(0)));

class Scanner {
  values = 0;
  readonly wideNumbers: number[] = [];
  readonly #text: string;
  readonly #limits: JsonLimits;
  /** The closing characters of the objects and lists that are open. */
  readonly #closers: Uint8Array;
  #level = 0;
  #at = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
    this.#closers = new Uint8Array(limits.depth);
  }

  run(): JsonVerdict {
    for (;;) {
      const code = this.#next();
      if (code === OPEN_LIST || code === OPEN_OBJECT) {
        if (this.#level === this.#limits.depth) return "deep";
        this.#open(code);
        if (this.#next() !== code + TO_CLOSE) {
          if (!this.#startsItem()) return "invalid";
          continue;
        }
      } else if (!this.#skipScalar(code)) return "invalid";
      const isOver = this.#closeAll();
      if (this.values > this.#limits.values) return "many";
      if (isOver !== undefined) return isOver;
    }
  }

  #open(code: number): void {
    this.values += CONTAINER_VALUES;
    this.#closers[this.#level++] = code + TO_CLOSE;
    this.#at++;
  }

  /** After a value: closes what ends here. Undefined when another item follows. */
  #closeAll(): "ok" | "invalid" | undefined {
    while (this.#level > 0) {
      const code = this.#next();
      if (code === this.#closers[this.#level - 1]) {
        this.#level--;
        this.#at++;
        continue;
      }
      if (code !== COMMA) return "invalid";
      this.#at++;
      return this.#startsItem() ? undefined : "invalid";
    }
    this.#next();
    return this.#at === this.#text.length ? "ok" : "invalid";
  }

  /** Reads the name of an object's field; a list's item has none. Returns false if the name is missing. */
  #startsItem(): boolean {
    if (this.#closers[this.#level - 1] !== CLOSE_OBJECT) return true;
    if (this.#next() !== QUOTE || !this.#skipScalar(QUOTE)) return false;
    if (this.#next() !== COLON) return false;
    this.#at++;
    return true;
  }

  #skipScalar(code: number): boolean {
    this.values++;
    if (code !== QUOTE) {
      SCALAR.lastIndex = this.#at;
      const isScalar = SCALAR.test(this.#text);
      const end = SCALAR.lastIndex;
      if (end - this.#at >= SAFE_CHARACTERS || EXPONENT_SIGNS.has(this.#text.charCodeAt(end - EXPONENT_CHARACTERS)))
        this.wideNumbers.push(this.#at);
      this.#at = end;
      return isScalar;
    }
    this.#at = endOfString(this.#text, this.#at);
    return this.#at > 0;
  }

  /** The character code after white space; NaN at the end. */
  #next(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== FIRST_PRINTABLE && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.#at++;
    }
  }
}

/** @param start of a JSON string. @returns the position after its closing quote; 0 if the string is not valid. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < FIRST_PRINTABLE) return 0;
    if (code !== BACKSLASH) continue;
    at++;
    if (ESCAPES.has(text.charCodeAt(at))) continue;
    FOUR_DIGITS.lastIndex = at + 1;
    if (text.charCodeAt(at) !== UNICODE_ESCAPE || !FOUR_DIGITS.test(text)) return 0;
    at += 4;
  }
  return 0;
}

import { blockAt, type Code, withStrings } from "./foreign-source.ts";
import { OTHER, type Recorder, show } from "./recorder.ts";

/** A JUnit test as JavaScript; a parameterized one is called with each row. */
export interface JavaTest {
  name: string;
  code: string;
}

const TEST =
  /@(?:Test|ParameterizedTest)\s+(?:@CsvSource\(\{(?<rows>.*?)\}\)\s+)?(?:public )?(?:static )?void (?<name>\w+)\((?<parameters>[^)]*)\)[^{;]*\{/gs;

export function* testsOf(code: Code): Generator<JavaTest> {
  for (const match of code.text.matchAll(TEST)) {
    const { rows, name = "", parameters = "" } = match.groups ?? {};
    const body = withStrings(code, toScript(blockAt(code.text, match.index + match[0].length - 1)));
    if (rows === undefined) yield { name, code: body };
    else yield { name, code: `for (const row of [${withStrings(code, rows)}]) ((${namesOf(parameters)}) => {${body}})(...readRow(row));` };
  }
}

const namesOf = (parameters: string) => parameters.replace(/[\w<>[\]]+ (\w+)/g, "$1");

export const toScript = (java: string): string =>
  java
    .replace(/catch \([\w| ]+ (\w+)\)/g, "catch ($1)")
    .replace(/new [A-Z]\w*\[\]\s*\{([^{}]*)\}/g, "[$1]")
    .replace(/new \w+\[\d+\]/g, "[]")
    .replaceAll("<>", "")
    .replace(/(?:\bfinal )?\b(?!return\b|new\b|else\b)[A-Za-z]\w*(?:\.\w+)?(?:<[^<>=;()]*>)?(?:\[\])* (\w+)(?=\s*(?:=[^=]|;|:))/g, "let $1")
    .replace(/for \(let (\w+)\s*:/g, "for (let $1 of")
    .replace(/(let \w+ = )\{([^{}]*)\}/g, "$1[$2]")
    .replace(/\((?:[A-Z]\w*)(?:\[\])?\) (?=[\w(])/g, "")
    .replace(/\.(?:size|length)\(\)/g, ".length")
    .replace(/(\d)[Lf]\b/g, "$1")
    .replace(/([\w.]+(?:\(\))?|§\d+§)\.getBytes\((?:StandardCharsets\.)?(\w+)\)/g, '$1.toString().concat("\\0$2")')
    .replace(/\.(?:toExternalForm|getPath)\(\)/g, ".toString()")
    .replace(/\.contains\(/g, ".includes(")
    .replaceAll("->", "=>");

/** What `getBytes` became above. */
export function bytesOf(text: string | Uint8Array): Uint8Array {
  if (typeof text !== "string") return text;
  const [, said = text, charset] = /^(.*)\0(\w+)$/s.exec(text) ?? [];
  return Buffer.from(said, charset === "ISO_8859_1" ? "latin1" : "utf8");
}

/** The names that all tests use. */
export const javaNames = (recorder: Recorder) => ({
  assertTrue: (actual: unknown) => recorder.equal(actual, true),
  assertFalse: (actual: unknown) => recorder.equal(actual, false),
  assertEquals: (expected: unknown, actual: unknown) => recorder.equal(actual, expected),
  assertNotNull: (actual: unknown) => recorder.equal(actual === OTHER ? OTHER : actual !== null && actual !== undefined, true),
  assertNull: (actual: unknown) => recorder.equal(actual === OTHER ? OTHER : (actual ?? null), null),
  assertThrows: (_: unknown, run: () => void) => recorder.equal(throws(run), true),
  assertArrayEquals: OTHER,
  assertNotEquals: OTHER,
  assertPubDate: OTHER,
  readRow: (row: string) => row.split(/,\s*/).map((cell) => (/^(?:true|false)$/i.test(cell) ? /true/i.test(cell) : cell)),
  CRLF: "\r\n",
  LF: "\n",
  CR: "\r",
  UTF_8: "UTF_8",
  Set: { of: (...values: unknown[]) => values },
  List: { of: (...values: unknown[]) => values },
  Map: OTHER,
  Arrays: { asList: (values: unknown[]) => values },
  StandardCharsets: OTHER,
  HttpURLConnection: OTHER,
  Locale: OTHER,
  ZonedDateTime: OTHER,
  ChronoField: OTHER,
  IllegalArgumentException: OTHER,
  StringBuilder: class {
    text = "";
    append(part: unknown) {
      this.text += String(part);
      return this;
    }
    toString() {
      return this.text;
    }
  },
  URI: class {
    text: string;
    constructor(text: string) {
      this.text = text;
    }
    toURL() {
      return this.text;
    }
  },
  show,
});

function throws(run: () => void): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

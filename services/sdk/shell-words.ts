/** Characters that `$'…'` writes as a letter (bash manual, "ANSI-C Quoting"). */
const ESCAPES: Record<string, string> = { a: "\x07", b: "\b", e: "\x1b", E: "\x1b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/**
 * The words of a command as in bash: `'…'`, `"…"`, `$'…'`, `\x`, comments, and continuation lines after a backslash. Nothing is expanded. The command
 * ends before the first of `|`, `;` and `&` that begins a word; files for its output are left out.
 *
 * @throws TypeError for a quote without end.
 */
export function shellWords(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < command.length; ) {
    if (word === undefined && /[|;&]/.test(command[at] as string)) break;
    const { text, end } = word === undefined ? (readGap(command, at) ?? readPart(command, at)) : readPart(command, at);
    at = end;
    if (text !== GAP) word = text === NOTHING ? word : (word ?? "") + text;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

const GAP = Symbol("between two words");
const NOTHING = Symbol("a line that goes on");

interface Part {
  text: string | typeof GAP | typeof NOTHING;
  /** Where the next part begins. */
  end: number;
}

/** Where a word may begin: a comment, or `> file`, `2>&1` and the like. */
function readGap(command: string, at: number): Part | undefined {
  NO_WORD.lastIndex = at;
  return NO_WORD.test(command) ? { text: GAP, end: NO_WORD.lastIndex } : undefined;
}

const NO_WORD = /#[^\n]*|\d?>>?&?[ \t]*[^\s'"]+/y;

function readPart(command: string, at: number): Part {
  const character = command[at] as string;
  if (/\s/.test(character)) return { text: GAP, end: at + 1 };
  if (character === "\\") return readBackslash(command, at);
  if (character === "'") return readQuoted(command, at + 1, /[^']*'/y, (text) => text);
  if (character === '"') return readQuoted(command, at + 1, /(?:[^\\"]|\\.)*"/sy, unescapeDouble);
  if (command.startsWith("$'", at)) return readQuoted(command, at + 2, /(?:[^\\']|\\.)*'/sy, unescapeAnsi);
  const plain = /[^\s\\'"$]+|\$/y;
  plain.lastIndex = at;
  const text = plain.exec(command)?.[0] as string;
  return { text, end: at + text.length };
}

function readBackslash(command: string, at: number): Part {
  const lineEnd = /^\\\r?\n/.exec(command.slice(at, at + 3))?.[0];
  return lineEnd ? { text: NOTHING, end: at + lineEnd.length } : { text: command[at + 1] ?? "", end: at + 2 };
}

/** @param rest matches the content of the quotes and the closing one. */
function readQuoted(command: string, start: number, rest: RegExp, read: (text: string) => string): Part {
  rest.lastIndex = start;
  const found = rest.exec(command)?.[0];
  if (found === undefined) throw new TypeError(`the curl command has a quote without end: ${command.slice(start - 1, start + 50)}`);
  return { text: read(found.slice(0, -1)), end: start + found.length };
}

const unescapeDouble = (text: string) => text.replace(/\\(?:\r?\n|([$`"\\]))/g, (_, character = "") => character);

const unescapeAnsi = (text: string) =>
  text.replace(/(?:\\x[\da-fA-F]{1,2})+|\\u[\da-fA-F]{1,4}|\\U[\da-fA-F]{1,8}|\\[0-7]{1,3}|\\./gs, (escaped) => {
    const kind = escaped[1] as string;
    if (kind === "x")
      return readBytes(
        escaped
          .split("\\x")
          .slice(1)
          .map((digits) => Number.parseInt(digits, 16)),
      );
    if (escaped.length > 2 && /[uU]/.test(kind)) return codePoint(Number.parseInt(escaped.slice(2), 16));
    if (/[0-7]/.test(kind)) return String.fromCharCode(Number.parseInt(escaped.slice(1), 8) & 0xff);
    return ESCAPES[kind] ?? kind;
  });

const codePoint = (code: number) => (code <= 0x10ffff ? String.fromCodePoint(code) : "\uFFFD");

/** Bytes are UTF-8. Firefox writes characters up to U+00FF in the same way, which then rarely are valid UTF-8. */
function readBytes(bytes: number[]): string {
  try {
    return decodeURIComponent(bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
  } catch {
    return String.fromCharCode(...bytes);
  }
}

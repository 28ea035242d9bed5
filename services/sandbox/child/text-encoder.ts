/**
 * Text to bytes in the encodings of pages (Encoding standard, "encoders"), which neither Node nor the language has. The tables are those of the
 * decoders, read backwards, at first use of an encoding.
 */
import { createDecoder } from "../../core/runtime/text-decoder.ts";

// Hardening removes globals later.
const { TextDecoder, Buffer } = globalThis;

/** Bytes of a character in one encoding; undefined if the encoding does not have it. */
type Encode = (character: string) => readonly number[] | undefined;

/** Returned instead of bytes: the first character that the encoding does not have. */
export interface Unencodable {
  character: string;
}

/** What is done with characters that the encoding does not have: browsers write `&#20013;` in forms, and `%26%2320013%3B` in links. */
export type UnencodableMode = "reference" | "escape" | "refuse";

/** A script meets few encodings; a table of two-byte characters takes about 2 MiB. */
const MAX_TABLES = 4;
const tables = new Map<string, Encode>();

/**
 * Bytes of a text. UTF-16 and unknown standard labels such as `replacement` are written as UTF-8, as in browsers.
 *
 * @param label any label of `TextDecoder`.
 * @throws RangeError for any other label.
 */
export function encodeText(text: string, label: string, mode: UnencodableMode): Buffer | Unencodable {
  const { encoding } = new TextDecoder(label);
  const wellFormed = text.toWellFormed();
  if (/^utf-/.test(encoding)) return Buffer.from(wellFormed);
  const encode = tableFor(encoding);
  const state = { isDouble: false };
  const bytes: number[] = [];
  for (const character of wellFormed) {
    const known = encode(character);
    if (!known && mode === "refuse") return { character };
    const written = known ?? referenceTo(character, mode);
    for (const byte of encoding === "iso-2022-jp" ? shifted(written, state) : written) bytes.push(byte);
  }
  if (state.isDouble) bytes.push(...TO_ASCII);
  return Buffer.from(bytes);
}

function referenceTo(character: string, mode: UnencodableMode): number[] {
  const [start, end] = mode === "escape" ? ["%26%23", "%3B"] : ["&#", ";"];
  return Array.from(`${start}${character.codePointAt(0)}${end}`, (ascii) => ascii.charCodeAt(0));
}

function tableFor(encoding: string): Encode {
  const known = tables.get(encoding);
  if (known) return known;
  if (tables.size >= MAX_TABLES) tables.clear();
  const encode = TABLES[encoding]?.() ?? singleByte(encoding);
  tables.set(encoding, encode);
  return encode;
}

const TABLES: Record<string, () => Encode> = {
  gbk: () => withExtra(doubleByte("gbk", [0x81, 0xfe]), [["€", [0x80]]]),
  gb18030: () => {
    const double = doubleByte("gb18030", [0x81, 0xfe]);
    let quadruple: Encode | undefined;
    return (character) => {
      const known = double(character);
      if (known || character === PRIVATE_GAP) return known;
      quadruple ??= fourByte();
      return quadruple(character);
    };
  },
  big5: () => {
    const [first, last] = [doubleByte("big5", [0xa1, 0xfe]), doubleByte("big5", [0xa1, 0xfe], "last")];
    return (character) => (BIG5_LAST.has(character) ? last(character) : first(character));
  },
  "euc-kr": () => doubleByte("euc-kr", [0x81, 0xfe]),
  "euc-jp": () => japanese(doubleByte("euc-jp", [0xa1, 0xfe]), (byte) => [0x8e, byte]),
  shift_jis: () => {
    // The pointers 8272 to 8835 are left out, and after them are private characters.
    const [low, high] = [doubleByte("shift_jis", [0x81, 0xec]), doubleByte("shift_jis", [0xfa, 0xfc])];
    return japanese(
      (character) => low(character) ?? high(character),
      (byte) => [byte],
    );
  },
  "iso-2022-jp": () => {
    const table = japanese(doubleByte("euc-jp", [0xa1, 0xfe]), () => undefined);
    return (character) => table(HALF_WIDTH.get(character) ?? character);
  },
};

/** The character of two bytes that gb18030 and GBK do not write. */
const PRIVATE_GAP = "\ue5e5";
/** Of these, the last of several pairs of bytes counts ("index Big5 pointer"). */
const BIG5_LAST = new Set("═╞╡╪十卅");

const isAscii = (character: string) => character < "\x80";

function singleByte(encoding: string): Encode {
  const decoder = new TextDecoder(encoding);
  const bytes = new Map<string, number[]>();
  for (let byte = 0x80; byte <= 0xff; byte++) addFirst(bytes, decoder.decode(Uint8Array.of(byte)), [byte]);
  return (character) => (isAscii(character) ? [character.charCodeAt(0)] : bytes.get(character));
}

/** `which`: the pair that counts if several mean one character. */
function doubleByte(encoding: string, [from, to]: [number, number], which: "first" | "last" = "first"): Encode {
  const decoder = createDecoder(encoding);
  const bytes = new Map<string, number[]>();
  for (let lead = from; lead <= to; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if (which === "last") bytes.delete(character);
      addFirst(bytes, character, [lead, trail]);
    }
  }
  bytes.delete(PRIVATE_GAP);
  return (character) => (isAscii(character) ? [character.charCodeAt(0)] : bytes.get(character));
}

/** Not for bytes without meaning, or with that of two characters. */
function addFirst(bytes: Map<string, number[]>, character: string, written: number[]): void {
  const isOne = character.length === 1 || (character.length === 2 && (character.codePointAt(0) ?? 0) > 0xffff);
  if (isOne && !isAscii(character) && character !== "\ufffd" && !bytes.has(character)) bytes.set(character, written);
}

function withExtra(encode: Encode, extra: [character: string, bytes: number[]][]): Encode {
  const bytes = new Map(extra);
  return (character) => bytes.get(character) ?? encode(character);
}

/** Half-width katakana, and three characters that the encoders of the standard write as others. */
function japanese(double: Encode, half: (byte: number) => number[] | undefined): Encode {
  return (character) => {
    const code = character.charCodeAt(0);
    if (character === "\u00a5") return [0x5c];
    if (character === "\u203e") return [0x7e];
    if (code >= 0xff61 && code <= 0xff9f) return half(code - 0xff61 + 0xa1);
    return double(character === "\u2212" ? "\uff0d" : character);
  };
}

/** Of ISO-2022-JP, which has no half-width katakana. */
const HALF_WIDTH = new Map(
  Array.from(
    "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜",
    (full, index) => [String.fromCharCode(0xff61 + index), full],
  ),
);
const TO_ASCII = [0x1b, 0x28, 0x42];
const TO_DOUBLE = [0x1b, 0x24, 0x42];

/** EUC-JP's bytes -> those of ISO-2022-JP, which have seven bits after an escape. */
function shifted(bytes: readonly number[], state: { isDouble: boolean }): number[] {
  const isDouble = bytes.length === 2 && (bytes[0] as number) > 0x7f;
  const change = isDouble === state.isDouble ? [] : isDouble ? TO_DOUBLE : TO_ASCII;
  state.isDouble = isDouble;
  return [...change, ...bytes.map((byte) => byte & 0x7f)];
}

/** The rest of Unicode ("index gb18030 ranges"). */
function fourByte(): Encode {
  const decoder = new TextDecoder("gb18030");
  const bytes = new Map<string, number[]>();
  for (let pointer = 0; pointer < 39_420; pointer++) {
    const written = atPointer(pointer);
    addFirst(bytes, decoder.decode(Uint8Array.from(written)), written);
  }
  return (character) => {
    const code = character.codePointAt(0) as number;
    return code > 0xffff ? atPointer(code - 0x10000 + 189_000) : bytes.get(character);
  };
}

const atPointer = (pointer: number) => [
  0x81 + Math.floor(pointer / 12_600),
  0x30 + (Math.floor(pointer / 1_260) % 10),
  0x81 + (Math.floor(pointer / 10) % 126),
  0x30 + (pointer % 10),
];

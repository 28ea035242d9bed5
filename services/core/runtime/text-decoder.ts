/**
 * Bytes to text as browsers do it (Encoding standard). Node's `TextDecoder` (26.10) has EUC-KR without 8,822 of the Korean syllables, and Big5 without
 * the characters of Hong Kong: these two are decoded here.
 */
import hongKong from "iconv-lite/encodings/tables/big5-added.json" with { type: "json" };

// Hardening removes globals later.
const { TextDecoder, Uint16Array: Units, Buffer } = globalThis;

export interface Decoder {
  /** In lower case. */
  encoding: string;
  decode(bytes: Uint8Array): string;
}

/** @param label any label of `TextDecoder`. @throws RangeError for any other label. */
export function createDecoder(label: string): Decoder {
  const decoder = new TextDecoder(label);
  const { encoding } = decoder;
  if (encoding !== "euc-kr" && encoding !== "big5") return decoder;
  return { encoding, decode: (bytes) => decodePairs(bytes, pairsOf(encoding)) };
}

/** Two UTF-16 units for each pair of bytes; 0 means none. */
type Pairs = Uint16Array;

const FIRST_LEAD = 0x81;
const placeOf = (lead: number, trail: number) => 2 * ((lead - FIRST_LEAD) * 256 + trail);
const known = new Map<string, Pairs>();

function pairsOf(encoding: "euc-kr" | "big5"): Pairs {
  const before = known.get(encoding);
  if (before) return before;
  const pairs: Pairs = new Units(2 * 256 * (0xff - FIRST_LEAD));
  const set = (lead: number, trail: number, text: string) => {
    const place = placeOf(lead, trail);
    [pairs[place], pairs[place + 1]] = [text.charCodeAt(0), text.length > 1 ? text.charCodeAt(1) : 0];
  };
  addNodes(encoding, set);
  if (encoding === "euc-kr") addSyllables(pairs, set);
  else addChunks(hongKong as Chunk[], set);
  known.set(encoding, pairs);
  return pairs;
}

type Set = (lead: number, trail: number, text: string) => void;

/** What Node knows. It reads an unknown pair as control characters. */
function addNodes(encoding: string, set: Set): void {
  const decoder = new TextDecoder(encoding);
  for (let lead = 0xa1; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const text = decoder.decode(Uint8Array.of(lead, trail));
      if (text.length === 1 && text > "\x9f" && text !== "\ufffd" && !/[\ue000-\uf8ff]/.test(text)) set(lead, trail, text);
    }
  }
}

const SYLLABLES = { first: 0xac00, last: 0xd7a3 };

/** Windows put the syllables that KS X 1001 lacks into the free pairs, in the order of Unicode (code page 949). */
function addSyllables(pairs: Pairs, set: Set): void {
  const standard = new Set(pairs);
  let syllable = SYLLABLES.first;
  for (let lead = FIRST_LEAD; lead <= 0xc6; lead++) {
    for (let trail = 0x41; trail <= (lead < 0xa1 ? 0xfe : 0xa0); trail++) {
      if ((trail > 0x5a && trail < 0x61) || (trail > 0x7a && trail < 0x81)) continue;
      while (standard.has(syllable)) syllable++;
      if (syllable > SYLLABLES.last) break;
      set(lead, trail, String.fromCharCode(syllable++));
    }
  }
  set(0xa2, 0xe6, "€");
  set(0xa2, 0xe7, "®");
}

/** A pair in hex, then texts, or counts of characters that follow the last one. U+0FF1 to U+0FFF announce two characters for one pair (iconv-lite). */
type Chunk = [start: string, ...parts: (string | number)[]];

function addChunks(chunks: Chunk[], set: Set): void {
  for (const [start, ...parts] of chunks) {
    const lead = Number.parseInt(start.slice(0, 2), 16);
    let trail = Number.parseInt(start.slice(2), 16);
    let last = 0;
    for (const part of parts) {
      const texts = typeof part === "string" ? (part.match(/[\u0ff1-\u0fff]..|[\ud800-\udbff].|./gs) ?? []) : run(last, part);
      for (const text of texts) set(lead, trail++, /^[\u0ff1-\u0fff]/.test(text) ? text.slice(1) : text);
      last = texts.at(-1)?.charCodeAt(0) ?? 0;
    }
  }
}

const run = (last: number, count: number) => Array.from({ length: count }, (_, index) => String.fromCharCode(last + 1 + index));

const REPLACEMENT = 0xfffd;

/** An ASCII byte after a lead byte without meaning is kept, so that nothing can hide a `<`. */
function decodePairs(bytes: Uint8Array, pairs: Pairs): string {
  const units = new Units(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] as number;
    if (lead < 0x80) {
      units[length++] = lead;
      continue;
    }
    const trail = bytes[at + 1];
    const place = lead < FIRST_LEAD || lead === 0xff || trail === undefined ? -1 : placeOf(lead, trail);
    const unit = pairs[place] ?? 0;
    units[length++] = unit === 0 ? REPLACEMENT : unit;
    if (unit !== 0 && pairs[place + 1]) units[length++] = pairs[place + 1] as number;
    if (place >= 0 && (unit !== 0 || (trail as number) >= 0x80)) at++;
  }
  return Buffer.from(units.buffer, 0, 2 * length).toString("utf16le");
}

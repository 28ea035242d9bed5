import { isUtf8 } from "node:buffer";

const decoder = new TextDecoder("windows-1252");
/** Chromium reports bytes of headers as windows-1252, Node as characters up to U+00FF. */
const BYTES = new Map(
  Array.from({ length: 0x20 }, (_, index): [string, number] => [decoder.decode(Uint8Array.of(0x80 + index)), 0x80 + index]),
);

/** A header's value whose bytes are UTF-8, as browsers read file names; any other value as it is. */
export function readUtf8Header(value: string): string {
  const bytes = Array.from(value, (character) => BYTES.get(character) ?? character.codePointAt(0) ?? 0);
  if (bytes.some((byte) => byte > 0xff)) return value;
  const buffer = Buffer.from(bytes);
  return isUtf8(buffer) ? buffer.toString() : value;
}

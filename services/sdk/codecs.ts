/** Hashes and encodings for scripts: the language has neither. */
import { toBytes, toCharacters } from "./encoding.ts";
import { decodeBytes, encodeBytes, hashBytes } from "./host.ts";

const ALGORITHMS = ["md5", "sha1", "sha256", "sha512"] as const;
export type HashAlgorithm = (typeof ALGORITHMS)[number];

/** The digest of bytes, or of a text in UTF-8, in lower-case hex: `hash("md5", "a")` -> `"0cc175b9c0f1b6a831c399e269772661"`. @throws TypeError */
export function hash(algorithm: HashAlgorithm, data: string | Uint8Array): string {
  if (!ALGORITHMS.includes(algorithm)) throw new TypeError(`hash() has ${ALGORITHMS.join(", ")}, not ${String(algorithm).slice(0, 100)}`);
  return hashBytes(algorithm, bytesOf(data, "hash()"));
}

/**
 * A text's bytes: `encodeText("中", "gbk")` -> `Uint8Array [0xd6, 0xd0]`.
 *
 * @param encoding a label of the Encoding standard; UTF-16 is written as UTF-8, as in browsers.
 * @throws RangeError if the encoding is unknown, or does not have one of the characters.
 */
export function encodeText(text: string, encoding = "utf-8"): Uint8Array {
  const encoded = encodeBytes(String(text), encoding, "refuse");
  if (encoded === "") throw new RangeError(`unknown encoding ${encoding}`);
  if (encoded.startsWith("-")) throw new RangeError(`${encoding} has no character ${JSON.stringify(encoded.slice(1))}`);
  return toBytes(encoded.slice(1));
}

/** The text of bytes, without a byte order mark; bytes that mean nothing become U+FFFD. @throws RangeError if the encoding is unknown. */
export function decodeText(bytes: Uint8Array, encoding = "utf-8"): string {
  const text = decodeBytes(bytesOf(bytes, "decodeText()"), encoding);
  if (text === UNKNOWN_ENCODING && bytes.length !== 1) throw new RangeError(`unknown encoding ${encoding}`);
  return text;
}

/** The host's answer; otherwise the text of one byte. */
const UNKNOWN_ENCODING = "\0";

function bytesOf(data: string | Uint8Array, name: string): string {
  if (typeof data === "string") return encodeBytes(data, "utf-8", "reference").slice(1);
  if (data instanceof Uint8Array) return toCharacters(data);
  throw new TypeError(`${name} takes text or bytes, not ${typeof data}`);
}

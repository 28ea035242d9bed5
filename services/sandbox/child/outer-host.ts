/** The outer realm's functions for the context: texts in, texts out, never an object, never an error. */
import type * as Crypto from "node:crypto";
import type * as Module from "node:module";
import type * as Zlib from "node:zlib";
import { createDecoder, type Decoder } from "../../core/runtime/text-decoder.ts";
import type { Host } from "../../sdk/host.ts";
import { encodeText, type Unencodable } from "./text-encoder.ts";
import { URL_PARTS, type UrlPart } from "./url-parts.ts";

const MAP_COMMENT = "//# sourceMappingURL=data:application/json;base64,";
/** The name of the compiled script in stack traces. */
export const SCRIPT_FILE = "orbweaver-script";

/** The answer for an encoding that does not exist. */
const UNKNOWN_ENCODING = "\0";

/** Maximum size of a sitemap (sitemaps.org, "Sitemap file"). */
const UNZIPPED_BYTES = 52_428_800;

/** `show(page)` and `readMap(script)` set the page and the source map that the host functions use. */
export function createHost(require: (name: string) => unknown) {
  const { hash } = require("node:crypto") as typeof Crypto;
  const { constants, gunzipSync } = require("node:zlib") as typeof Zlib;
  const { SourceMap } = require("node:module") as typeof Module;
  const { URL, URLSearchParams, Buffer } = globalThis;
  const decoders = new Map<string, Decoder>();
  let page: Buffer = Buffer.alloc(0);
  let mapText = "";

  const parse = (url: string, base: string) => (base === "" ? new URL(url) : new URL(url, base));
  const describeUrl = (url: URL) => URL_PARTS.map((part) => url[part]).join("\n");
  const decoderFor = (label: string) => {
    const known = decoders.get(label);
    const decoder = known ?? createDecoder(label);
    if (!known && decoders.size < 64) decoders.set(label, decoder);
    return decoder;
  };
  const sourceLines = (stack: string) => {
    const map = new SourceMap(JSON.parse(Buffer.from(mapText, "base64").toString()));
    const places = [...stack.matchAll(new RegExp(`${SCRIPT_FILE}:(\\d+):(\\d+)`, "g"))].map(([, line, column]) => {
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      return "originalSource" in entry
        ? `${entry.originalSource.replace(/^script:/, "")}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
        : "";
    });
    return places.filter(Boolean).join("\n");
  };

  const host: Host = {
    decodeBytes: (bytes, encoding) =>
      answer(() => decoderFor(encoding).decode(Buffer.from(bytes, "latin1")), [bytes, encoding], UNKNOWN_ENCODING),
    encode: (text, encoding, mode) => answer(() => describeEncoded(encodeText(text, encoding, mode)), [text, encoding]),
    hash: (algorithm, bytes) => answer(() => hash(algorithm, Buffer.from(bytes, "latin1")), [algorithm, bytes]),
    decode: (encoding) => answer(() => decoderFor(encoding).decode(page), [encoding], UNKNOWN_ENCODING),
    unzip: () =>
      answer(() => gunzipSync(page, { maxOutputLength: UNZIPPED_BYTES, finishFlush: constants.Z_SYNC_FLUSH }).toString(), [], "\0"),
    bytes: () => answer(() => page.toString("latin1"), []),
    md5: (text) => answer(() => hash("md5", text), [text]),
    parseUrl: (url, base) => answer(() => describeUrl(parse(url, base)), [url, base]),
    resolveUrl: (url, base) => answer(() => parse(url, base).href, [url, base]),
    decodeQueryText: (text) => answer(() => new URLSearchParams(`=${text}`).get("") ?? "", [text]),
    setUrlPart: (href, part, value) => answer(() => describeUrl(withPart(new URL(href), part as UrlPart, value)), [href, part, value]),
    sourceLines: (stack) => answer(() => sourceLines(stack), [stack]),
  };
  return {
    host: sealFunctions(host),
    show: (body: Buffer) => {
      page = body;
    },
    readMap: (script: string) => {
      const start = script.lastIndexOf(MAP_COMMENT);
      mapText = start < 0 ? "" : script.slice(start + MAP_COMMENT.length).trim();
    },
  };
}

const describeEncoded = (encoded: Buffer | Unencodable) =>
  "character" in encoded ? `-${encoded.character}` : `+${encoded.toString("latin1")}`;

function withPart(url: URL, part: UrlPart, value: string): URL {
  if (part !== "origin") url[part] = value;
  return url;
}

function answer(work: () => string, questions: unknown[], failed = ""): string {
  try {
    return questions.every((question) => typeof question === "string") ? work() : failed;
  } catch {
    return failed;
  }
}

/** Without prototypes, nothing else of this realm can be reached from these. */
function sealFunctions(host: Host): Host {
  for (const work of Object.values(host)) Object.freeze(Object.setPrototypeOf(work, null));
  return Object.freeze(Object.setPrototypeOf(host, null));
}

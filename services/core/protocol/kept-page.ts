/** Pages in the form in which they are kept: zstd of the page's fields as JSON, then its content. */
import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import { KIB, MIB } from "./byte-units.ts";
import { JSON_LIMITS, parseJson } from "./json-limits.ts";
import type { Page } from "./messages.ts";
import { isPageOk } from "./page-ok.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Largest page that is kept, before and after compression. Larger ones are data, and would fill queues and scheduler. */
const MAX_RAW_BYTES = 8 * MIB;
export const MAX_KEPT_BYTES = 512 * KIB;
/** The length of the fields, in front of them. */
const LENGTH_BYTES = 4;

/**
 * Whether a page replaces the one that is kept: a good page from the network.
 *
 * @param fetch the options of its fetch.
 */
export const isWorthKeeping = (page: Page, fetch: Parameters<typeof isPageOk>[1]): boolean =>
  isPageOk(page, fetch) && page.statusCode !== 304 && !page.origUrl.startsWith("data:");

/** @returns base64; undefined if the page is too large. */
export async function packPage({ content, ...fields }: Page): Promise<string | undefined> {
  const head = Buffer.from(JSON.stringify(fields));
  if (head.length + content.byteLength > MAX_RAW_BYTES) return undefined;
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(head.length);
  const packed = await compress(Buffer.concat([length, head, content]));
  return packed.length > MAX_KEPT_BYTES ? undefined : packed.toString("base64");
}

/** @param packed of `packPage`. @throws Error if it is not. */
export async function unpackPage(packed: string): Promise<Page> {
  const bytes = await decompress(Buffer.from(packed, "base64"), { maxOutputLength: MAX_RAW_BYTES + LENGTH_BYTES });
  const headEnd = LENGTH_BYTES + bytes.readUInt32BE(0);
  const fields = parseJson(bytes.toString("utf8", LENGTH_BYTES, headEnd), JSON_LIMITS.message) as Omit<Page, "content">;
  return { ...fields, content: bytes.subarray(headEnd) };
}

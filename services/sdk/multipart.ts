import { isObject, isStorable } from "../core/protocol/checks.ts";
import type { Bytes } from "../core/protocol/fetch-options.ts";
import { toBytes, toCharacters } from "./encoding.ts";
import type { Field } from "./fields.ts";
import { md5 } from "./host.ts";
import { toPageBytes } from "./page-encoding.ts";
import { Refusal } from "./refusal.ts";

/** One file of a form. */
export interface FormFile {
  field: string;
  fileName: string;
  content: string | Uint8Array;
}

/** Text or bytes, under the name of the field or under file names. */
type FileContent = string | Uint8Array | Readonly<Record<string, string | Uint8Array>>;
/** Files by field; a list makes several files of one field. */
export type Files = Readonly<Record<string, FileContent | readonly FileContent[]>>;

/** The files in their order; undefined if `value` is no object. Texts with NUL are refused. */
export function readFiles(value: unknown): FormFile[] | Refusal | undefined {
  if (!isObject(value)) return undefined;
  const files = Object.entries(value).flatMap(([field, written]) =>
    [written].flat().flatMap((one) => {
      const named = isContent(one) ? { [field]: one } : isObject(one) && !ArrayBuffer.isView(one) ? one : { [field]: undefined };
      return Object.entries(named).map(([fileName, content]) => ({ field, fileName, content }));
    }),
  );
  const wrong = files.find(({ field, fileName, content }) => !isStorable(field) || !isStorable(fileName) || !isContent(content));
  if (wrong) return new Refusal(`the file ${JSON.stringify(wrong.fileName)} of ${JSON.stringify(wrong.field)} is neither text nor bytes`);
  return files as FormFile[];
}

const isContent = (value: unknown) => value instanceof Uint8Array || isStorable(value);

/**
 * A form with files, as in browsers (HTML standard, multipart/form-data): text if all files are. Equal forms make equal bodies, so that they are
 * one task.
 *
 * @param charset of names and values, in lower case.
 */
export function encodeMultipart(
  fields: readonly Field[],
  files: readonly FormFile[],
  charset = "utf-8",
): { body: string | Bytes; contentType: string } {
  const isLegacy = charset !== "utf-8";
  const hasBytes = isLegacy || files.some(({ content }) => typeof content !== "string");
  const written = (text: string) => (isLegacy ? toPageBytes(text, charset) : hasBytes ? utf8(text) : text);
  const parts = [
    ...fields.map(([name, value]) =>
      written(`Content-Disposition: form-data; name="${escapeName(withCrlf(name))}"\r\n\r\n${withCrlf(value)}`),
    ),
    ...files.map(({ field, fileName, content }) => {
      const head =
        `Content-Disposition: form-data; name="${escapeName(withCrlf(field))}"; filename="${escapeName(fileName)}"\r\n` +
        `Content-Type: application/octet-stream\r\n\r\n`;
      return written(head) + (typeof content === "string" ? (hasBytes ? utf8(content) : content) : toCharacters(content));
    }),
  ];
  const boundary = `orbweaver-${md5(parts.join(""))}`;
  const body = `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("")}--${boundary}--\r\n`;
  const contentType = `multipart/form-data; boundary=${boundary}`;
  return { body: hasBytes ? { base64: toBytes(body).toBase64() } : body, contentType };
}

/** A text's bytes, one character each. */
const utf8 = (text: string) => unescape(encodeURIComponent(text));

/** Line breaks of names and values, not of files, are CRLF (HTML standard, "multipart/form-data encoding algorithm"). */
const withCrlf = (text: string) => text.replace(/\r\n?|\n/g, "\r\n");
const escapeName = (name: string) => name.replace(/["\r\n]/g, (character) => encodeURIComponent(character));

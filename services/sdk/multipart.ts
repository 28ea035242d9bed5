import { isStorable } from "../core/protocol/checks.ts";
import type { Bytes } from "../core/protocol/fetch-options.ts";
import { toBytes } from "./encoding.ts";
import { md5 } from "./host.ts";

/** One file of a form. */
export interface FormFile {
  field: string;
  fileName: string;
  content: string | Uint8Array;
}

/**
 * `{ a: "text" }` (the file has the name of its field) or `{ a: { "b.txt": "text" } }`, with texts or bytes; undefined for anything else, and for texts with
 * NUL.
 */
export function readFiles(value: unknown): FormFile[] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const files = Object.entries(value).flatMap(([field, one]) =>
    Object.entries(isContent(one) ? { [field]: one } : Object(one)).map(([fileName, content]) => ({ field, fileName, content })),
  );
  const isFine = files.every(({ field, fileName, content }) => isStorable(field) && isStorable(fileName) && isContent(content));
  return isFine ? (files as FormFile[]) : undefined;
}

const isContent = (value: unknown) => value instanceof Uint8Array || isStorable(value);

/**
 * A form with files, as in browsers (HTML standard, multipart/form-data): text if all files are. Equal forms make equal bodies, so that they are
 * one task.
 */
export function encodeMultipart(
  fields: readonly (readonly [name: string, value: string])[],
  files: FormFile[],
): { body: string | Bytes; contentType: string } {
  const hasBytes = files.some(({ content }) => typeof content !== "string");
  const written = (text: string) => (hasBytes ? utf8(text) : text);
  const parts = [
    ...fields.map(([name, value]) =>
      written(`Content-Disposition: form-data; name="${escapeName(withCrlf(name))}"\r\n\r\n${withCrlf(value)}`),
    ),
    ...files.map(({ field, fileName, content }) => {
      const head =
        `Content-Disposition: form-data; name="${escapeName(withCrlf(field))}"; filename="${escapeName(fileName)}"\r\n` +
        `Content-Type: application/octet-stream\r\n\r\n`;
      return written(head) + (typeof content === "string" ? written(content) : characters(content));
    }),
  ];
  const boundary = `orbweaver-${md5(parts.join(""))}`;
  const body = `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("")}--${boundary}--\r\n`;
  const contentType = `multipart/form-data; boundary=${boundary}`;
  return { body: hasBytes ? { base64: toBytes(body).toBase64() } : body, contentType };
}

/** A text's bytes, one character each. */
const utf8 = (text: string) => unescape(encodeURIComponent(text));

const CHUNK = 8_192;
/** One character per byte. */
function characters(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text;
}

/** Line breaks of names and values, not of files, are CRLF (HTML standard, "multipart/form-data encoding algorithm"). */
const withCrlf = (text: string) => text.replace(/\r\n?|\n/g, "\r\n");
const escapeName = (name: string) => name.replace(/["\r\n]/g, (character) => encodeURIComponent(character));

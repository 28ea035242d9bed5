import { md5 } from "./host.ts";

/** One file of a form. */
export interface FormFile {
  field: string;
  fileName: string;
  content: string;
}

/** `{ a: "text" }` (the file is called as its field) or `{ a: { "b.txt": "text" } }`; undefined for anything else, and for texts with NUL. */
export function readFiles(value: unknown): FormFile[] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const files = Object.entries(value).flatMap(([field, one]) =>
    Object.entries(typeof one === "string" ? { [field]: one } : Object(one)).map(([fileName, content]) => ({ field, fileName, content })),
  );
  return files.every((file) => Object.values(file).every(isPlainText)) ? (files as FormFile[]) : undefined;
}

const isPlainText = (value: unknown) => typeof value === "string" && value.isWellFormed() && !value.includes("\0");

/** A form with files, as browsers send it (HTML standard, multipart/form-data). Equal forms are equal texts, so that they are one task. */
export function encodeMultipart(fields: Record<string, string>, files: FormFile[]): { body: string; contentType: string } {
  const parts = [
    ...Object.entries(fields).map(([name, value]) => `Content-Disposition: form-data; name="${escapeName(name)}"\r\n\r\n${value}`),
    ...files.map(
      ({ field, fileName, content }) =>
        `Content-Disposition: form-data; name="${escapeName(field)}"; filename="${escapeName(fileName)}"\r\n` +
        `Content-Type: application/octet-stream\r\n\r\n${content}`,
    ),
  ];
  const boundary = `orbweaver-${md5(parts.join(""))}`;
  const body = `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("")}--${boundary}--\r\n`;
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}

const escapeName = (name: string) => name.replace(/["\r\n]/g, (character) => encodeURIComponent(character));

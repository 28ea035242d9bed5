/** Forms of pages, as browsers submit them (HTML standard, "form submission algorithm"). */
import type { CheerioAPI } from "cheerio/slim";
import type { Element } from "domhandler";
import { toBytes } from "./encoding.ts";
import { type Field, type FieldValue, readFields } from "./fields.ts";
import { clickedButton, controlsOf, fieldsOf, fileInputsOf } from "./form-controls.ts";
import { encodeFormPairs } from "./form-encoding.ts";
import { encodeMultipart, type Files, type FormFile, readFiles } from "./multipart.ts";
import { outputEncoding, toPageBytes } from "./page-encoding.ts";
import { Refusal } from "./refusal.ts";

/** What the user of a browser would enter: the values of controls by name. A list sets several, and null leaves the control out. */
export type Entries = Readonly<Record<string, FieldValue | readonly FieldValue[] | null>>;

/** What the user of a browser would do beside that. */
export interface FormChoices {
  /** A selector of the submit button to click; false: none. Default: the form's first one, as the Enter key does. */
  button?: string | false;
  /** The files of file inputs, as in `crawl()`. */
  files?: Files;
}

/** A form ready to be sent: `const { url, ...options } = response.form("#search", { q: "silk" })`, then `this.crawl(url, { ...options, callback })`. */
export interface FormRequest {
  url: string;
  method: "GET" | "POST";
  /** Absent in a GET, whose fields are in the URL. */
  data?: string | Uint8Array;
  headers?: Record<string, string>;
}

/** The page of the form. */
interface FormPage {
  doc: CheerioAPI;
  url: string;
  encoding: string;
}

/** @throws TypeError if there is no such form or button, or an entry or a file has no certain content. */
export function formRequest({ doc, url, encoding }: FormPage, selector: string, entries: Entries, choices: FormChoices): FormRequest {
  const form = doc(selector).closest("form")[0] as Element | undefined;
  if (form === undefined) throw new TypeError(`form() found no form for ${JSON.stringify(selector)} on ${url}`);
  const controls = controlsOf(doc, form);
  const clicked = clickedButton(doc, controls, choices.button);
  const labels = (form.attribs["accept-charset"] ?? "").split(/[\s,]+/);
  const charset = labels.map(outputEncoding).find(Boolean) ?? outputEncoding(encoding) ?? "UTF-8";
  const own = controls.flatMap((control) => fieldsOf(control, { doc, clicked, charset }));
  const attribute = (name: "action" | "method" | "enctype") => clicked?.attribs[`form${name}`] ?? form.attribs[name] ?? "";
  return requestOf({
    fields: withEntries(own, entries),
    files: filesOf(fileInputsOf(doc, controls), choices.files ?? {}),
    charset: charset.toLowerCase(),
    action: attribute("action") || url,
    method: attribute("method").trim().toLowerCase(),
    enctype: attribute("enctype").trim().toLowerCase(),
  });
}

/** Each entry takes the place of the first control of its name; the others of that name are left out. */
function withEntries(fields: Field[], entries: Entries): Field[] {
  const given = new Map(Object.entries(entries).map(([name, value]) => [name, value === null ? [] : valuesOf(name, value)]));
  const unused = new Map(given);
  const joined = fields.flatMap((field): readonly Field[] => {
    const [name] = field;
    if (!given.has(name)) return [field];
    const values = unused.get(name) ?? [];
    unused.delete(name);
    return values;
  });
  return [...joined, ...[...unused.values()].flat()];
}

function valuesOf(name: string, value: unknown): Field[] {
  const fields = readFields({ [name]: value });
  if (fields instanceof Refusal) throw new TypeError(`form() takes the values of controls by name; ${fields.reason}`);
  return fields as Field[];
}

/** A file input without a file sends an empty one. */
function filesOf(inputs: string[], files: Files): FormFile[] {
  const given = readFiles(files);
  if (given === undefined) throw new TypeError('form() takes as files an object like { field: { "name.txt": text } }');
  if (given instanceof Refusal) throw new TypeError(`form() takes files of text or bytes; ${given.reason}`);
  const empty = inputs.filter((field) => !given.some((file) => file.field === field));
  return [...given, ...empty.map((field) => ({ field, fileName: "", content: "" }))];
}

interface Submission {
  fields: Field[];
  files: FormFile[];
  /** In lower case. */
  charset: string;
  action: string;
  method: string;
  enctype: string;
}

const withCrlf = (text: string) => text.replace(/\r\n?|\n/g, "\r\n");

function requestOf({ fields, files, charset, action, method, enctype }: Submission): FormRequest {
  if (method === "post" && enctype === "multipart/form-data") {
    const { body, contentType } = encodeMultipart(fields, files, charset);
    const data = typeof body === "string" ? body : Uint8Array.fromBase64(body.base64);
    return { url: action, method: "POST", data, headers: { "content-type": contentType } };
  }
  // Without multipart, browsers send the names of files.
  const all = [...fields, ...files.map(({ field, fileName }): Field => [field, fileName])];
  const lines = all.map(([name, value]): Field => [withCrlf(name), withCrlf(value)]);
  if (method !== "post") return { url: withQuery(action, encodeFormPairs(lines, charset)), method: "GET" };
  if (enctype !== "text/plain") return { url: action, method: "POST", data: encodeFormPairs(lines, charset) };
  const text = lines.map(([name, value]) => `${name}=${value}\r\n`).join("");
  const data = charset === "utf-8" ? text : toBytes(toPageBytes(text, charset));
  return { url: action, method: "POST", data, headers: { "content-type": "text/plain" } };
}

/** The form's fields replace the query. */
const withQuery = (action: string, query: string) => action.replace(/^([^?#]*)(?:\?[^#]*)?/s, (_, start) => `${start}?${query}`);

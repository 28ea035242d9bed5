/** Parses `curl …` commands as browsers copy them ("Copy as cURL") into options of `crawl()`. */
import { mergeHeaders } from "../core/protocol/fetch-options.ts";
import type { CrawlOptions } from "./crawl-options.ts";
import type { FieldValue } from "./fields.ts";
import { encodeFormText } from "./form-encoding.ts";
import { withParams } from "./run.ts";
import { shellWords } from "./shell-words.ts";

export interface CurlRequest {
  urls: string[];
  options: CrawlOptions & { headers: Record<string, string> };
}

interface Draft {
  urls: string[];
  method?: string;
  /** Names as written; each in one spelling. */
  headers: Record<string, string>;
  data: string[];
  putsDataIntoUrl: boolean;
  validateCert?: false;
}

type Read = (draft: Draft, value: string) => void;

/** Unlike in curl, redirects are followed with or without -L, as in the browser that the command was copied from. */
const SWITCHES: Record<string, Read> = {
  "--compressed": () => {},
  "--location": () => {},
  "--insecure": (draft) => {
    draft.validateCert = false;
  },
  "--head": (draft) => {
    draft.method ??= "HEAD";
  },
  "--get": (draft) => {
    draft.putsDataIntoUrl = true;
  },
};

const WITH_VALUE: Record<string, Read> = {
  "--url": ({ urls }, value) => void urls.push(value),
  "--request": (draft, value) => {
    draft.method = value;
  },
  "--header": addHeader,
  "--cookie": addCookies,
  "--user-agent": (draft, value) => setHeader(draft, "user-agent", value),
  "--referer": (draft, value) => setHeader(draft, "referer", value.replace(/;auto$/, "")),
  "--user": (draft, value) => setHeader(draft, "authorization", `Basic ${btoa(unescape(encodeURIComponent(value.toWellFormed())))}`),
  "--data": ({ data }, value) => void data.push(notAFile(value, "--data")),
  "--data-ascii": ({ data }, value) => void data.push(notAFile(value, "--data-ascii")),
  "--data-binary": ({ data }, value) => void data.push(notAFile(value, "--data-binary")),
  "--data-raw": ({ data }, value) => void data.push(value),
  "--data-urlencode": ({ data }, value) => void data.push(encodeData(value)),
};

const LONG_NAMES: Record<string, string> = {
  H: "--header",
  X: "--request",
  d: "--data",
  b: "--cookie",
  u: "--user",
  A: "--user-agent",
  e: "--referer",
  k: "--insecure",
  L: "--location",
  I: "--head",
  G: "--get",
};

/** Whether `crawl()` received a command instead of a URL. */
export const isCurl = (target: string) => target.startsWith("curl") && /^curl\s/.test(target);

/**
 * Parses a curl command.
 *
 * @throws TypeError naming all unknown options, or any other problem of the command.
 */
export function parseCurl(command: string): CurlRequest {
  if (command.includes('^"')) throw new TypeError('the curl command is written for Windows: copy it as "cURL (bash)"');
  const draft: Draft = { urls: [], headers: {}, data: [], putsDataIntoUrl: false };
  const unknown: string[] = [];
  const [, ...words] = shellWords(command);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word.startsWith("--") || !word.startsWith("-")) readWord(draft, word, words, unknown);
    else for (const name of spreadShort(word, words)) readWord(draft, name, words, unknown);
  }
  if (unknown.length > 0)
    throw new TypeError(`crawl() does not support these options of a curl command: ${[...new Set(unknown)].join(", ")}. Remove them`);
  if (draft.urls.length === 0) throw new TypeError("the curl command has no URL");
  return finish(draft);
}

/** The call's own options take precedence; headers are merged. */
export function withCurl({ options: { headers, ...own } }: CurlRequest, options: CrawlOptions): CrawlOptions {
  const isReplaced = (name: string) => options.userAgent !== undefined && name.toLowerCase() === "user-agent";
  const copied: Record<string, FieldValue> = Object.fromEntries(Object.entries(headers).filter(([name]) => !isReplaced(name)));
  return { ...own, ...options, headers: mergeHeaders(copied, options.headers ?? {}) };
}

function readWord(draft: Draft, word: string, words: string[], unknown: string[]): void {
  if (!word.startsWith("-")) draft.urls.push(word);
  else if (Object.hasOwn(SWITCHES, word)) SWITCHES[word]?.(draft, "");
  else if (Object.hasOwn(WITH_VALUE, word)) {
    const value = words.shift();
    if (value === undefined) throw new TypeError(`the curl command ends after ${word}`);
    WITH_VALUE[word]?.(draft, value);
  } else unknown.push(word);
}

/** `-kLXPOST` -> `--insecure`, `--location`, `--request`, whose value is put back in front of the words. */
function spreadShort(word: string, words: string[]): string[] {
  const names: string[] = [];
  for (let at = 1; at < word.length; at++) {
    const name = LONG_NAMES[word[at] as string] ?? `-${word[at]}`;
    names.push(name);
    if (!Object.hasOwn(WITH_VALUE, name)) continue;
    if (at + 1 < word.length) words.unshift(word.slice(at + 1));
    break;
  }
  return names;
}

/** `Name: value`; `Name;` is empty, and `Name:` means that curl does not send it. */
function addHeader(draft: Draft, line: string): void {
  const [, written, mark, value] = /^([^:;]+)([:;])\s*(.*)$/s.exec(line) ?? [];
  if (written === undefined) throw new TypeError(`the curl command has a header without name: ${line.slice(0, 100)}`);
  setHeader(draft, written.trim(), mark === ":" && value === "" ? undefined : value);
}

/** Replaces the header in any spelling; undefined removes it. */
function setHeader(draft: Draft, name: string, value: string | undefined): void {
  const known = findHeader(draft, name);
  if (known !== undefined) delete draft.headers[known];
  if (value !== undefined) draft.headers[name] = value;
}

const findHeader = ({ headers }: Draft, name: string) => Object.keys(headers).find((one) => one.toLowerCase() === name.toLowerCase());

function addCookies(draft: Draft, value: string): void {
  if (!value.includes("=")) throw new TypeError("the curl command reads cookies from a file: write them as -b 'name=value'");
  const known = findHeader(draft, "cookie");
  setHeader(draft, known ?? "cookie", known === undefined ? value : `${draft.headers[known]}; ${value}`);
}

function notAFile(value: string, option: string): string {
  if (value.startsWith("@"))
    throw new TypeError(`the curl command reads ${option} from a file, and scripts have no files: write the data itself`);
  return value;
}

/** `text`, `=text` or `name=text` (curl's manual); only the text is encoded. */
function encodeData(value: string): string {
  const [, name = "", text = value] = /^([^=@]*)=(.*)$/s.exec(value) ?? [];
  if (/^[^=]*@/.test(value)) notAFile("@", "--data-urlencode");
  const encoded = encodeFormText(text);
  return name === "" ? encoded : `${name}=${encoded}`;
}

function finish({ urls, method, headers, data, putsDataIntoUrl, validateCert }: Draft): CurlRequest {
  const options: CurlRequest["options"] = { headers };
  const body = data.length > 0 ? data.join("&") : undefined;
  if (method !== undefined) options.method = method;
  if (validateCert !== undefined) options.validateCert = validateCert;
  if (body !== undefined && !putsDataIntoUrl) options.data = body;
  const query = putsDataIntoUrl ? body : undefined;
  return { urls: urls.map((url) => withParams(/^[a-z][a-z\d+.-]*:/i.test(url) ? url : `http://${url}`, query)), options };
}

/** Parses `curl …` commands as browsers copy them ("Copy as cURL") into options of `crawl()`. */
import { mergeHeaders } from "../core/protocol/fetch-options.ts";
import type { CrawlOptions } from "./crawl-options.ts";
import type { FieldValue } from "./fields.ts";
import { encodeFormText } from "./form-encoding.ts";
import { encodeMultipart } from "./multipart.ts";
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
  json: string[];
  form: [name: string, value: string][];
  query: string[];
  putsDataIntoUrl: boolean;
  /** Whether `[`, `]`, `{` and `}` of a URL are escaped, because curl would take them for a pattern. */
  isGlobbed: boolean;
  proxyUser?: string;
  fetch: Pick<CrawlOptions, "validateCert" | "proxy" | "timeout" | "connectTimeout" | "maxRedirects">;
}

type Read = (draft: Draft, value: string) => void;

/** Switches that say what curl prints or stores, or how it connects. Redirects are followed with or without -L, as in the browser of the command. */
const WITHOUT_MEANING = [
  ..."compressed location location-trusted silent show-error include show-headers verbose fail fail-with-body fail-early progress-bar".split(
    " ",
  ),
  ..."no-progress-meter buffer http1.0 http1.1 http2 http2-prior-knowledge http3 ipv4 ipv6 keepalive tcp-nodelay remote-name remote-name-all".split(
    " ",
  ),
  ..."remote-header-name remote-time create-dirs parallel basic anyauth disable styled-output compressed-ssh tlsv1 tlsv1.0 tlsv1.2 tlsv1.3 raw".split(
    " ",
  ),
];
/** The same, with a value. */
const VALUE_WITHOUT_MEANING =
  "output output-dir dump-header write-out cookie-jar stderr trace trace-ascii limit-rate retry retry-delay retry-max-time keepalive-time".split(
    " ",
  );

const SWITCHES: Record<string, Read> = {
  ...Object.fromEntries(WITHOUT_MEANING.flatMap((name) => [`--${name}`, `--no-${name}`].map((word) => [word, () => {}]))),
  "--globoff": (draft) => {
    draft.isGlobbed = false;
  },
  "--insecure": ({ fetch }) => {
    fetch.validateCert = false;
  },
  "--head": (draft) => {
    draft.method ??= "HEAD";
  },
  "--get": (draft) => {
    draft.putsDataIntoUrl = true;
  },
};

const WITH_VALUE: Record<string, Read> = {
  ...Object.fromEntries(VALUE_WITHOUT_MEANING.map((name) => [`--${name}`, () => {}])),
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
  "--data-urlencode": ({ data }, value) => void data.push(encodeData(value, "--data-urlencode")),
  "--json": ({ json }, value) => void json.push(notAFile(value, "--json")),
  "--form": ({ form }, value) => void form.push(readField(value)),
  "--form-string": ({ form }, value) => void form.push(splitField(value)),
  "--url-query": ({ query }, value) => void query.push(value.startsWith("+") ? value.slice(1) : encodeData(value, "--url-query")),
  "--oauth2-bearer": ({ headers }, value) => {
    headers.authorization = `Bearer ${value}`;
  },
  "--range": ({ headers }, value) => {
    headers.range = `bytes=${value.includes("-") ? value : `${value}-`}`;
  },
  "--proxy": ({ fetch }, value) => {
    // Names are resolved by the proxy in any case.
    fetch.proxy = /^[a-z][a-z\d]*:\/\//i.test(value) ? value.replace(/^socks5h:/i, "socks5:") : `http://${value}`;
  },
  "--proxy-user": (draft, value) => {
    draft.proxyUser = value;
  },
  "--max-time": ({ fetch }, value) => {
    fetch.timeout = readNumber(value, "--max-time");
  },
  "--connect-timeout": ({ fetch }, value) => {
    fetch.connectTimeout = readNumber(value, "--connect-timeout");
  },
  "--max-redirs": ({ fetch }, value) => {
    if (value !== "-1") fetch.maxRedirects = readNumber(value, "--max-redirs");
  },
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
  g: "--globoff",
  F: "--form",
  x: "--proxy",
  U: "--proxy-user",
  m: "--max-time",
  r: "--range",
  s: "--silent",
  S: "--show-error",
  i: "--include",
  v: "--verbose",
  f: "--fail",
  N: "--no-buffer",
  O: "--remote-name",
  J: "--remote-header-name",
  R: "--remote-time",
  Z: "--parallel",
  q: "--disable",
  "0": "--http1.0",
  "1": "--tlsv1",
  "4": "--ipv4",
  "6": "--ipv6",
  "#": "--progress-bar",
  o: "--output",
  D: "--dump-header",
  w: "--write-out",
  c: "--cookie-jar",
};

/** Whether `crawl()` received a command instead of a URL. */
export const isCurl = (target: string) => /^\s*(?:curl\s|[$#])/.test(target) && COMMAND.test(target);

/** As in a terminal or a document: after comments, and the `$` of a prompt. */
const COMMAND = /^(?:\s*#[^\n]*\n)*\s*(?:\$\s+)?curl\s/;

/**
 * Parses a curl command.
 *
 * @throws TypeError naming all unknown options, or any other problem of the command.
 */
export function parseCurl(command: string): CurlRequest {
  if (command.includes('^"')) throw new TypeError('the curl command is written for Windows: copy it as "cURL (bash)"');
  const lists = { urls: [], data: [], json: [], form: [], query: [] };
  const draft: Draft = { ...lists, headers: {}, putsDataIntoUrl: false, isGlobbed: true, fetch: {} };
  const unknown: string[] = [];
  const words = shellWords(command.replace(COMMAND, ""));
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
  if (word === "curl") throw new TypeError("there is more than one curl command: write a crawl() for each");
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
  if (value !== undefined) draft.headers[name] = asUtf8(value);
}

/** A header's text has one character a byte; curl sends UTF-8. */
const asUtf8 = (text: string): string =>
  hasOnlyAscii(text)
    ? text
    : encodeURIComponent(text.toWellFormed()).replace(/%([\dA-F]{2})/g, (_, byte: string) =>
        String.fromCharCode(Number.parseInt(byte, 16)),
      );

const hasOnlyAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

const findHeader = ({ headers }: Draft, name: string) => Object.keys(headers).find((one) => one.toLowerCase() === name.toLowerCase());

function addCookies(draft: Draft, value: string): void {
  if (!value.includes("=")) throw new TypeError("the curl command reads cookies from a file: write them as -b 'name=value'");
  const known = findHeader(draft, "cookie");
  setHeader(draft, known ?? "cookie", known === undefined ? value : `${draft.headers[known]}; ${asUtf8(value)}`);
}

function notAFile(value: string, option: string): string {
  if (value.startsWith("@"))
    throw new TypeError(`the curl command reads ${option} from a file, and scripts have no files: write the data itself`);
  return value;
}

/** `text`, `=text` or `name=text` (curl's manual); only the text is encoded. */
function encodeData(value: string, option: string): string {
  const [, name = "", text = value] = /^([^=@]*)=(.*)$/s.exec(value) ?? [];
  if (/^[^=]*@/.test(value)) notAFile("@", option);
  const encoded = encodeFormText(text);
  return name === "" ? encoded : `${name}=${encoded}`;
}

/** `name=value`, `name="value"` */
function readField(said: string): [name: string, value: string] {
  const [name, value] = splitField(said);
  if (/^[@<]/.test(value)) notAFile("@", "--form");
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"$/s.exec(value) ?? [];
  if (quoted !== undefined) return [name, quoted.replace(/\\(.)/gs, "$1")];
  const [attribute] = /;\s*(?:type|filename|headers|encoder)=/.exec(value) ?? [];
  if (attribute !== undefined)
    throw new TypeError(`crawl() does not support ${attribute} in the --form of a curl command. Use the options data and files`);
  return [name, value];
}

function splitField(said: string): [name: string, value: string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(said) ?? [];
  if (name === undefined || value === undefined)
    throw new TypeError(`the curl command has a form field without name: ${said.slice(0, 100)}`);
  return [name, value];
}

function readNumber(value: string, option: string): number {
  if (!/^\d+(?:\.\d+)?$/.test(value)) throw new TypeError(`the curl command has no number after ${option}: ${value.slice(0, 100)}`);
  return Number(value);
}

function finish(draft: Draft): CurlRequest {
  const { urls, method, query, fetch } = draft;
  const { body, headers } = bodyOf(draft);
  const options: CurlRequest["options"] = { headers, ...fetch };
  if (method !== undefined) options.method = method;
  if (typeof fetch.proxy === "string" && draft.proxyUser !== undefined) options.proxy = withUser(fetch.proxy, draft.proxyUser);
  if (body !== undefined && !draft.putsDataIntoUrl) options.data = body;
  const params = [...query, ...(draft.putsDataIntoUrl && typeof body === "string" ? [body] : [])].join("&");
  return { urls: urls.map((url) => withParams(toUrl(url, draft.isGlobbed), params)), options };
}

/** The body, and all headers: what the command sets and what belongs to the body. */
function bodyOf({ data, json, form, headers }: Draft): { body: CrawlOptions["data"]; headers: Record<string, string> } {
  if ([data, json, form].filter(({ length }) => length > 0).length > 1)
    throw new TypeError("the curl command has bodies of several kinds: write one of --data, --json and --form");
  if (json.length > 0)
    return { body: json.join(""), headers: mergeHeaders({ "content-type": "application/json", accept: "application/json" }, headers) };
  if (form.length === 0) return { body: data.length > 0 ? data.join("&") : undefined, headers };
  const { body, contentType } = encodeMultipart(form, []);
  return { body: body as string, headers: mergeHeaders(headers, { "content-type": contentType }) };
}

/** `"a.test:80/"` -> `"http://a.test:80/"`; Chrome escapes signs that curl would take for a pattern. */
function toUrl(url: string, isGlobbed: boolean): string {
  const plain = isGlobbed ? url.replace(/\\([[\]{}])/g, "$1") : url;
  return /^(?:[a-z][a-z\d+.-]*:\/\/|data:)/i.test(plain) ? plain : `http://${plain}`;
}

/** `"http://proxy:1"`, `"user:p@ss"` -> `"http://user:p%40ss@proxy:1"` */
function withUser(proxy: string, user: string): string {
  const [, name = "", password = ""] = /^([^:]*):?(.*)$/s.exec(user) ?? [];
  return proxy.replace("://", () => `://${encodeURIComponent(name)}:${encodeURIComponent(password)}@`);
}

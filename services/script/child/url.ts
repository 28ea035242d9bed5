/** `URL` and `URLSearchParams` for scripts: Node's own do the parsing, outside of the context, on texts alone. */
import { parseUrl, setUrlPart } from "../api/host.ts";
import { URL_PARTS, type UrlPart } from "./url-parts.ts";

export class ScriptUrl {
  #parts: string[];
  readonly searchParams: ScriptUrlSearchParams;

  constructor(url: string | ScriptUrl, base: string | ScriptUrl = "") {
    this.#parts = parseUrl(String(url), String(base)).split("\n");
    if (this.#parts.length < URL_PARTS.length) throw new TypeError(`Invalid URL: ${String(url).slice(0, 200)}`);
    this.searchParams = new ScriptUrlSearchParams(this.search, (search) => this.setPart("search", search));
  }

  static canParse(url: string, base = ""): boolean {
    return parseUrl(String(url), String(base)) !== "";
  }

  static parse(url: string, base = ""): ScriptUrl | null {
    return ScriptUrl.canParse(url, base) ? new ScriptUrl(url, base) : null;
  }

  part(name: UrlPart): string {
    return this.#parts[URL_PARTS.indexOf(name)] as string;
  }

  setPart(name: UrlPart, value: string): void {
    const parts = setUrlPart(this.part("href"), name, value).split("\n");
    if (parts.length === URL_PARTS.length) this.#parts = parts;
  }

  get search(): string {
    return this.part("search");
  }

  toString(): string {
    return this.part("href");
  }

  toJSON(): string {
    return this.part("href");
  }
}

for (const name of URL_PARTS) {
  Object.defineProperty(ScriptUrl.prototype, name, {
    configurable: true,
    get(this: ScriptUrl) {
      return this.part(name);
    },
    set(this: ScriptUrl, value: unknown) {
      this.setPart(name, String(value));
      if (name === "href" || name === "search") this.searchParams.read(this.part("search"));
    },
  });
}

type Pair = [name: string, value: string];

const decodeFormText = (text: string) => {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
};

/** application/x-www-form-urlencoded leaves only these as they are (URL standard, section 5). */
const encodeFormText = (text: string) =>
  encodeURIComponent(text.toWellFormed()).replace(/%20|[!'()~]/g, (found) =>
    found === "%20" ? "+" : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );

export class ScriptUrlSearchParams implements Iterable<Pair> {
  #pairs: Pair[] = [];
  readonly #changed: (search: string) => void;

  constructor(init: string | Iterable<Pair> | Record<string, string> = "", changed: (search: string) => void = () => {}) {
    this.#changed = changed;
    if (typeof init === "string") this.read(init);
    else this.#pairs = [...(Symbol.iterator in init ? init : Object.entries(init))].map(([name, value]) => [String(name), String(value)]);
  }

  /** Takes over the pairs of a query. */
  read(search: string): void {
    const texts = search.replace(/^\?/, "").split("&").filter(Boolean);
    this.#pairs = texts.map((text) => {
      const [name = "", ...value] = text.split("=");
      return [decodeFormText(name), decodeFormText(value.join("="))];
    });
  }

  get size(): number {
    return this.#pairs.length;
  }

  get(name: string): string | null {
    return this.#pairs.find((pair) => pair[0] === name)?.[1] ?? null;
  }

  getAll(name: string): string[] {
    return this.#pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]);
  }

  has(name: string): boolean {
    return this.#pairs.some((pair) => pair[0] === name);
  }

  append(name: string, value: unknown): void {
    this.#replace([...this.#pairs, [name, String(value)]]);
  }

  delete(name: string): void {
    this.#replace(this.#pairs.filter((pair) => pair[0] !== name));
  }

  set(name: string, value: unknown): void {
    const first = this.#pairs.findIndex((pair) => pair[0] === name);
    if (first < 0) this.append(name, value);
    else
      this.#replace(
        this.#pairs.flatMap((pair, index): Pair[] => (index === first ? [[name, String(value)]] : pair[0] === name ? [] : [pair])),
      );
  }

  sort(): void {
    this.#replace(this.#pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }

  forEach(visit: (value: string, name: string) => void): void {
    for (const [name, value] of this.#pairs) visit(value, name);
  }

  *keys(): Generator<string> {
    for (const [name] of this.#pairs) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.#pairs) yield value;
  }

  *entries(): Generator<Pair> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }

  [Symbol.iterator](): Generator<Pair> {
    return this.entries();
  }

  toString(): string {
    return this.#pairs.map((pair) => pair.map(encodeFormText).join("=")).join("&");
  }

  #replace(pairs: Pair[]): void {
    this.#pairs = pairs;
    const text = this.toString();
    this.#changed(text && `?${text}`);
  }
}

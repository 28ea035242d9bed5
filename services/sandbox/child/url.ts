/** `URL` and `URLSearchParams` for scripts: Node's own do the parsing, outside of the context, with texts only. */
import { encodeFormPairs } from "../../sdk/form-encoding.ts";
import { decodeQueryText, parseUrl, setUrlPart } from "../../sdk/host.ts";
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

const toText = (value: unknown) => String(value).toWellFormed();

/** Most texts have no escapes, and need no call of the outer realm. */
const decode = (text: string) => (/[%+]/.test(text) ? decodeQueryText(text) : text);

export class ScriptUrlSearchParams implements Iterable<Pair> {
  #pairs: Pair[] = [];
  readonly #changed: (search: string) => void;

  constructor(init: string | Iterable<Pair> | Record<string, string> = "", changed: (search: string) => void = () => {}) {
    this.#changed = changed;
    if (typeof init === "string") this.read(init);
    else this.#pairs = [...(Symbol.iterator in init ? init : Object.entries(init))].map(([name, value]) => [toText(name), toText(value)]);
  }

  /** Replaces the pairs by those of a query. */
  read(search: string): void {
    const texts = toText(search).replace(/^\?/, "").split("&").filter(Boolean);
    this.#pairs = texts.map((text) => {
      const [name = "", ...value] = text.split("=");
      return [decode(name), decode(value.join("="))];
    });
  }

  get size(): number {
    return this.#pairs.length;
  }

  get(name: string): string | null {
    return this.getAll(name)[0] ?? null;
  }

  getAll(name: string): string[] {
    const wanted = toText(name);
    return this.#pairs.filter((pair) => pair[0] === wanted).map((pair) => pair[1]);
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  append(name: string, value: unknown): void {
    this.#replace([...this.#pairs, [toText(name), toText(value)]]);
  }

  delete(name: string): void {
    const wanted = toText(name);
    this.#replace(this.#pairs.filter((pair) => pair[0] !== wanted));
  }

  set(name: string, value: unknown): void {
    const wanted = toText(name);
    const text = toText(value);
    const first = this.#pairs.findIndex((pair) => pair[0] === wanted);
    if (first < 0) this.append(wanted, text);
    else
      this.#replace(this.#pairs.flatMap((pair, index): Pair[] => (index === first ? [[wanted, text]] : pair[0] === wanted ? [] : [pair])));
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
    return encodeFormPairs(this.#pairs);
  }

  #replace(pairs: Pair[]): void {
    this.#pairs = pairs;
    const text = this.toString();
    this.#changed(text && `?${text}`);
  }
}

/** `URL` and `URLSearchParams` for scripts: Node's own do the parsing, outside of the context, with texts only. */
import { encodeFormPairs } from "../../sdk/form-encoding.ts";
import { decodeQueryText, parseUrl, setUrlPart } from "../../sdk/host.ts";
import { URL_PARTS, type UrlPart } from "./url-parts.ts";

export class ScriptUrl {
  #parts: string[];
  readonly #searchParams: ScriptUrlSearchParams;

  constructor(url: string | ScriptUrl, base: string | ScriptUrl = "") {
    this.#parts = parseUrl(String(url), String(base)).split("\n");
    if (this.#parts.length < URL_PARTS.length) throw new TypeError(`Invalid URL: ${String(url).slice(0, 200)}`);
    this.#searchParams = new ScriptUrlSearchParams(this.search, (search) => this.setPart("search", search));
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

  get searchParams(): ScriptUrlSearchParams {
    return this.#searchParams;
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
type Init = string | Iterable<Iterable<unknown>> | Record<string, unknown>;

const toText = (value: unknown) => `${value as string}`.toWellFormed();

/** Most texts have no escapes, and need no call of the outer realm. */
const decode = (text: string) => (/[%+]/.test(text) ? decodeQueryText(text) : text);

function need(given: ArrayLike<unknown>, count: number): void {
  if (given.length < count) throw new TypeError(`URLSearchParams needs ${count} argument${count > 1 ? "s" : ""} here, not ${given.length}`);
}

/** Pairs from texts, iterables of pairs and objects, converted as the URL standard says (Web IDL, "record" and "sequence"). */
function pairsOf(init: unknown): Pair[] {
  if ((typeof init !== "object" && typeof init !== "function") || init === null) return parseQuery(toText(init));
  const iterate = Reflect.get(init, Symbol.iterator);
  if (iterate === undefined || iterate === null) {
    const names = Reflect.ownKeys(init).filter((name) => Reflect.getOwnPropertyDescriptor(init, name)?.enumerable);
    return [...new Map(names.map((name) => [toText(name), toText(Reflect.get(init, name))]))];
  }
  return Array.from(init as Iterable<Iterable<unknown>>, (pair) => {
    if (Object(pair) !== pair) throw new TypeError("URLSearchParams takes pairs of name and value");
    const parts = Array.from(pair);
    if (parts.length !== 2) throw new TypeError("URLSearchParams takes pairs of name and value");
    return [toText(parts[0]), toText(parts[1])];
  });
}

const parseQuery = (search: string): Pair[] =>
  search
    .replace(/^\?/, "")
    .split("&")
    .filter(Boolean)
    .map((text) => {
      const [name = "", ...value] = text.split("=");
      return [decode(name), decode(value.join("="))];
    });

export class ScriptUrlSearchParams implements Iterable<Pair> {
  #pairs: Pair[];
  readonly #changed: (search: string) => void;

  constructor(init: Init = "", changed: (search: string) => void = () => {}) {
    this.#changed = changed;
    this.#pairs = pairsOf(init);
  }

  /** Replaces the pairs by those of a query. */
  read(search: string): void {
    this.#pairs = parseQuery(toText(search));
  }

  get size(): number {
    return this.#pairs.length;
  }

  get(...given: [name: string]): string | null {
    return this.getAll(...given)[0] ?? null;
  }

  getAll(...given: [name: string]): string[] {
    need(given, 1);
    const wanted = toText(given[0]);
    return this.#pairs.filter((pair) => pair[0] === wanted).map((pair) => pair[1]);
  }

  has(...given: [name: string, value?: unknown]): boolean {
    need(given, 1);
    return this.#pairs.some(matcher(given));
  }

  append(...given: [name: string, value: unknown]): void {
    need(given, 2);
    this.#replace([...this.#pairs, [toText(given[0]), toText(given[1])]]);
  }

  /** All pairs of the name, or only those with the value. */
  delete(...given: [name: string, value?: unknown]): void {
    need(given, 1);
    const isWanted = matcher(given);
    this.#replace(this.#pairs.filter((pair) => !isWanted(pair)));
  }

  set(...given: [name: string, value: unknown]): void {
    need(given, 2);
    const [wanted, text] = [toText(given[0]), toText(given[1])];
    const first = this.#pairs.findIndex((pair) => pair[0] === wanted);
    if (first < 0) this.append(wanted, text);
    else
      this.#replace(this.#pairs.flatMap((pair, index): Pair[] => (index === first ? [[wanted, text]] : pair[0] === wanted ? [] : [pair])));
  }

  sort(): void {
    this.#replace(this.#pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }

  forEach(visit: (value: string, name: string, parameters: ScriptUrlSearchParams) => void, context?: unknown): void {
    if (typeof visit !== "function") throw new TypeError("forEach() takes a function");
    for (const [name, value] of this.entries()) Reflect.apply(visit, context, [value, name, this]);
  }

  *keys(): Generator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  /** Changes during the iteration are seen. */
  *entries(): Generator<Pair> {
    for (let index = 0; index < this.#pairs.length; index++) yield [...(this.#pairs[index] as Pair)];
  }

  toString(): string {
    return encodeFormPairs(this.#pairs);
  }

  get [Symbol.toStringTag](): string {
    return "URLSearchParams";
  }

  declare [Symbol.iterator]: () => Generator<Pair>;

  #replace(pairs: Pair[]): void {
    this.#pairs = pairs;
    const text = this.toString();
    this.#changed(text && `?${text}`);
  }
}
Object.defineProperty(ScriptUrlSearchParams.prototype, Symbol.iterator, {
  value: ScriptUrlSearchParams.prototype.entries,
  writable: true,
  configurable: true,
});

/** An undefined value counts as left out. */
function matcher([name, value]: [name: string, value?: unknown]): (pair: Pair) => boolean {
  const wanted = toText(name);
  const text = value === undefined ? undefined : toText(value);
  return (pair) => pair[0] === wanted && (text === undefined || pair[1] === text);
}

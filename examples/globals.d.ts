/** What scripts have besides the language itself and "orbweaver". There are no timers, no modules and no network. */

interface Console {
  /** Kept with the task, the last 10,000 characters of a run. */
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  trace(...values: unknown[]): void;
}
declare var console: Console;

interface JSON {
  /** A value that JSON.stringify() writes as this text: `JSON.stringify({ id: JSON.rawJSON("4901234567890123456") })`. */
  rawJSON(json: string): object;
}

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static canParse(url: string, base?: string): boolean;
  static parse(url: string, base?: string): URL | null;
  href: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
  readonly origin: string;
  readonly searchParams: URLSearchParams;
  toJSON(): string;
}

declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string | Iterable<readonly [string, string]> | Record<string, string>);
  readonly size: number;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  append(name: string, value: unknown): void;
  delete(name: string, value?: string): void;
  set(name: string, value: unknown): void;
  sort(): void;
  forEach(visit: (value: string, name: string) => void): void;
  keys(): Generator<string>;
  values(): Generator<string>;
  entries(): Generator<[string, string]>;
  [Symbol.iterator](): Generator<[string, string]>;
}

/** Base64 -> one character a byte. */
declare function atob(text: string): string;
/** One character a byte -> base64. */
declare function btoa(bytes: string): string;

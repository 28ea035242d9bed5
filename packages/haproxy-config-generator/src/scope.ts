import { isIP } from "node:net";
import type { ModelProblem } from "./errors.ts";
import { isPrintable, quoteWord } from "./quote.ts";

/** The maximum of HAProxy's timers (24 days). */
const MAX_MS = 2_147_483_647;
const MAX_SOCKET_PATH = 97;
const NAME = /^[A-Za-z0-9_.:-]{1,128}$/;
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*$/;

/** 4, 6, or 0 for any other text. HAProxy reads no zone, as in `fe80::1%eth0`. */
const addressFamily = (text: string): number => (text.includes("%") ? 0 : isIP(text));

/** A place in the model: converts its values to words, and records those that HAProxy would refuse. */
export class Scope {
  readonly #path: string;
  readonly #problems: ModelProblem[];

  constructor(path: string, problems: ModelProblem[]) {
    this.#path = path;
    this.#problems = problems;
  }

  /** The place `key` below this one. */
  within(key: string | number): Scope {
    return new Scope(this.#join(key), this.#problems);
  }

  refuse(key: string | number, value: unknown, remedy: string): string {
    this.#problems.push({ path: this.#join(key), value, remedy });
    return "";
  }

  /** A name of a section, server or nameserver. */
  name(key: string, value: string): string {
    return NAME.test(value) ? value : this.refuse(key, value, "write 1 to 128 letters, digits, _ . : or -");
  }

  /** A name that must be one of `known`. */
  reference(key: string, value: string, known: object): string {
    if (Object.hasOwn(known, value)) return value;
    return this.refuse(key, value, `write one of ${Object.keys(known).join(", ") || "(the model has none)"}`);
  }

  /** A whole number, both limits included. */
  whole(key: string, value: number, { min, max }: { min: number; max: number }): string {
    if (Number.isInteger(value) && value >= min && value <= max) return String(value);
    return this.refuse(key, value, `write a whole number from ${min} to ${max}`);
  }

  /** A time in milliseconds. Zero is refused, because HAProxy reads it as "never". */
  milliseconds(key: string, value: number): string {
    return `${this.whole(key, value, { min: 1, max: MAX_MS })}ms`;
  }

  port(key: string, value: number): string {
    return this.whole(key, value, { min: 1, max: 65_535 });
  }

  /** `10.0.0.1:80`, `[fd00::1]:80`, and with `any` also `*:80`. */
  socket(place: { address: string; port: number }, { any = false } = {}): string {
    const port = this.port("port", place.port);
    if (addressFamily(place.address) === 6) return `[${place.address}]:${port}`;
    if (addressFamily(place.address) === 4 || (any && place.address === "*")) return `${place.address}:${port}`;
    return this.refuse("address", place.address, `write an IP address${any ? ", or * for every address" : ""}`);
  }

  hostName(key: string, value: string): string {
    return HOST_NAME.test(value)
      ? value
      : this.refuse(key, value, "write a host name of letters, digits, - and _, in parts separated by dots");
  }

  /** An IP address or range: `10.0.0.0/8`. */
  range(key: string | number, value: string): string {
    const [address = "", prefix = "0", ...more] = value.split("/");
    const bits = addressFamily(address) === 6 ? 128 : 32;
    const isRange = addressFamily(address) !== 0 && more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
    return isRange ? value : this.refuse(key, value, "write an IP address or range, such as 10.0.0.0/8");
  }

  /** Text that matches `pattern`, as one word. */
  matching(key: string | number, value: string, { pattern, remedy }: { pattern: RegExp; remedy: string }): string {
    return pattern.test(value) && isPrintable(value) ? quoteWord(value) : this.refuse(key, value, remedy);
  }

  /** Any printable text that is not empty, as one word. */
  text(key: string | number, value: string): string {
    return this.matching(key, value, { pattern: /./, remedy: "write printable ASCII characters" });
  }

  /** The absolute path of a Unix socket. HAProxy binds a longer name first: of the kernel's 107 bytes it leaves 97. */
  socketFile(key: string, value: string): string {
    if (value.length > MAX_SOCKET_PATH) return this.refuse(key, value, `write a path of at most ${MAX_SOCKET_PATH} characters`);
    return this.file(key, value);
  }

  /** An absolute path of a file. */
  file(key: string, value: string): string {
    return this.matching(key, value, { pattern: /^\/[^\s]*$/, remedy: "write an absolute path without spaces" });
  }

  /** The path of a URL. */
  urlPath(key: string, value: string): string {
    return this.matching(key, value, { pattern: /^\/[^\s?#]*$/, remedy: "write a path that begins with / and holds no space, ? or #" });
  }

  #join(key: string | number): string {
    if (typeof key === "number") return `${this.#path}[${key}]`;
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }
}

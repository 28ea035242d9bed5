import { Cookie, CookieJar } from "tough-cookie";

/** More than any site has use for (browsers keep 180 a domain); a chain could gather thousands, each of which costs time and memory. */
const MOST_SET = 200;
const MOST_SET_LENGTH = 64 * 1_024;

/** Cookies of one redirect chain. The jar, and with it the rules of RFC 6265, come in only once there is a cookie. */
export class ChainCookies {
  /** Sent or set, by name; what `page.cookies` holds. */
  readonly values: Record<string, string> = {};
  #jar: CookieJar | undefined;
  #setCount = 0;
  #setLength = 0;

  /** The task's cookies go to the host of its URL alone (and only over TLS if the URL has TLS). */
  constructor(url: URL, header: string | undefined, cookies: Record<string, string> | undefined) {
    for (const [key, value] of [...parseCookieHeader(header), ...Object.entries(cookies ?? {})]) {
      this.#openJar().setCookieSync(new Cookie({ key, value, path: "/", secure: url.protocol === "https:" }), url.href, {
        ignoreError: true,
      });
      this.values[key] = value;
    }
  }

  /** The `Cookie` header for `url`; undefined when there is nothing to send. */
  headerFor(url: URL): string | undefined {
    return this.#jar?.getCookieStringSync(url.href) || undefined;
  }

  /** Takes in the `Set-Cookie` headers of an answer from `url`; those that `url` may not set are dropped, and those beyond what a site has use for. */
  store(setCookie: string | string[] | undefined, url: URL): void {
    if (setCookie === undefined) return;
    for (const text of [setCookie].flat()) {
      this.#setCount++;
      this.#setLength += text.length;
      if (this.#setCount > MOST_SET || this.#setLength > MOST_SET_LENGTH) return;
      const cookie = this.#openJar().setCookieSync(text, url.href, { ignoreError: true, loose: true });
      if (!cookie) continue;
      if (cookie.TTL() <= 0) delete this.values[cookie.key];
      else this.values[cookie.key] = cookie.value;
    }
  }

  #openJar(): CookieJar {
    this.#jar ??= new CookieJar(undefined, { looseMode: true });
    return this.#jar;
  }
}

/** `a=1; b=2` -> `[["a", "1"], ["b", "2"]]` */
export function parseCookieHeader(header: string | undefined): [string, string][] {
  return (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.includes("="))
    .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
}

import { Cookie, CookieJar } from "tough-cookie";

/** More than any site needs (browsers keep 180 per domain); a chain could collect thousands, each of which costs time and memory. */
const MAX_SET = 200;
const MAX_SET_LENGTH = 64 * 1_024;

/** Cookies of one redirect chain. The jar, with the rules of RFC 6265, is created for the first cookie. */
export class ChainCookies {
  #jar: CookieJar | undefined;
  #setCount = 0;
  #setLength = 0;

  /** The task's cookies go only to the host of its URL (and only over TLS if the URL has TLS). */
  constructor(url: URL, header: string | undefined, cookies: Record<string, string> | undefined) {
    for (const [key, value] of [...parseCookieHeader(header), ...Object.entries(cookies ?? {})]) {
      this.#openJar().setCookieSync(new Cookie({ key, value, path: "/", secure: url.protocol === "https:" }), url.href, {
        ignoreError: true,
      });
    }
  }

  /** The `Cookie` header for `url`; undefined if there is no cookie to send. */
  headerFor(url: URL): string | undefined {
    return this.#jar?.getCookieStringSync(url.href) || undefined;
  }

  /** The cookies for `url` by name, as `page.cookies` has them. Of two with one name, the one with the longer path. */
  valuesFor(url: URL): Record<string, string> {
    const cookies = this.#jar?.getCookiesSync(url.href) ?? [];
    return Object.fromEntries(cookies.reverse().map(({ key, value }) => [key, value]));
  }

  /** Stores the `Set-Cookie` headers of an answer from `url`; drops those that `url` may not set, and those beyond the limit. */
  store(setCookie: string | string[] | undefined, url: URL): void {
    if (setCookie === undefined) return;
    for (const text of [setCookie].flat()) {
      this.#setCount++;
      this.#setLength += text.length;
      if (this.#setCount > MAX_SET || this.#setLength > MAX_SET_LENGTH) return;
      const cookie = Cookie.parse(text, { loose: true });
      // RFC 6265bis, section 5.7: nothing is set without a name and a value.
      if (!cookie || cookie.key + cookie.value === "") continue;
      this.#openJar().setCookieSync(text, url.href, { ignoreError: true, loose: true });
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

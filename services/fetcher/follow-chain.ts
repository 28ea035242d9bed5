import { isRedirect } from "../core/protocol/redirect.ts";
import type { ChainCookies } from "./chain-cookies.ts";
import { TooManyRedirectsError } from "./errors.ts";
import { type Answer, type ExchangeOptions, exchange } from "./exchange.ts";
import { firstValue } from "./headers.ts";
import { type Hop, nextHop } from "./redirect.ts";

export interface Chain {
  first: Hop;
  limits: ExchangeOptions;
  cookies: ChainCookies;
  maxRedirects: number;
  /** Redirects before this chain, which count as well. Default 0. */
  redirects?: number;
  /** Called before each hop; its error or rejection ends the chain. */
  gate: { check(hop: Hop): Promise<void> | undefined } | undefined;
}

/**
 * Sends the request and follows its redirects, with the cookies set on the way.
 *
 * @returns the last request, its answer, and the number of redirects. Rejects with TooManyRedirectsError, UnsupportedUrlError, and as `exchange` does.
 */
export async function followChain({
  first,
  limits,
  cookies,
  maxRedirects,
  redirects: before = 0,
  gate,
}: Chain): Promise<{ hop: Hop; answer: Answer; redirects: number }> {
  let hop = first;
  for (let redirects = before; ; redirects++) {
    const waiting = gate?.check(hop);
    if (waiting) await waiting;
    const answer = await exchange(withCookies(hop, cookies), limits);
    cookies.store(answer.headers["set-cookie"], hop.url);
    const location = firstValue(answer.headers.location);
    if (!limits.followRedirects || !isRedirect(answer.statusCode, location)) return { hop, answer, redirects };
    hop = nextHop(hop, answer.statusCode, location);
    if (redirects >= maxRedirects) throw new TooManyRedirectsError(first.url.href, maxRedirects, hop.url.href);
  }
}

function withCookies(hop: Hop, cookies: ChainCookies): Hop {
  const cookie = cookies.headerFor(hop.url);
  return cookie === undefined ? hop : { ...hop, headers: { ...hop.headers, cookie } };
}

/** The option `allowedDomains`: which hosts a project's pages may have. */

/** A host name as in a URL: lower case, ASCII; or an address. */
export const isDomain = (value: unknown): boolean =>
  typeof value === "string" && value.length <= 253 && /^(?:[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:.]+\])$/.test(value);

const HOST = /^https?:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/;

/** Whether a URL's host is one of the domains, or below one. URLs without a host are. @param href as `URL` writes it. */
export function isInDomains(href: string, domains: readonly string[]): boolean {
  const host = HOST.exec(href)?.[1];
  return host === undefined || domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

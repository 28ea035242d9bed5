/** The order of the URL parts in the host's answers. */
export const URL_PARTS = [
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
  "origin",
] as const;
export type UrlPart = (typeof URL_PARTS)[number];

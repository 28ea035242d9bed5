/** The order in which the host gives the parts of a URL. */
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

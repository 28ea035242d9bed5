const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Whether the response is a redirect. An empty location does not count, as in Chromium and curl: it would lead to the same page. */
export const isRedirect = (statusCode: number, location: string | undefined): location is string =>
  location !== undefined && location.trim() !== "" && REDIRECTS.has(statusCode);

const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

export interface RequestHeaders {
  host?: string | undefined;
  origin?: string | undefined;
  "sec-fetch-site"?: string | string[] | undefined;
}

/** Whether only this machine can connect to a listener on `address`. */
export const isLoopback = (address: string): boolean => address === "::1" || address === "localhost" || address.startsWith("127.");

/**
 * Whether a server on `listenAddress` accepts this Host header. On loopback it accepts only this machine's own names: a site that points its name
 * at 127.0.0.1 (DNS rebinding) still sends its own name. Elsewhere it accepts every name, because the edge may serve any domain.
 */
export function isHostAccepted(listenAddress: string, host: string | undefined): boolean {
  if (!isLoopback(listenAddress)) return true;
  return LOOPBACK_NAMES.has((host ?? "").replace(/:\d{1,5}$/, "").toLowerCase());
}

/** Whether a browser declares that the request comes from this site's own page. A request without that header is refused. */
export function isSameOrigin({ host, origin, "sec-fetch-site": fetchSite }: RequestHeaders): boolean {
  if (fetchSite !== undefined) return fetchSite === "same-origin";
  return origin !== undefined && URL.parse(origin)?.host === host?.toLowerCase();
}

/** Whether a browser declares that the request comes from another site's page. A request without that header is a program's. */
export function isCrossOrigin(headers: RequestHeaders): boolean {
  return (headers.origin !== undefined || headers["sec-fetch-site"] !== undefined) && !isSameOrigin(headers);
}

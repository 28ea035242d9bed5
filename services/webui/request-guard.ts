const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

export interface RequestHeaders {
  host?: string | undefined;
  origin?: string | undefined;
  "sec-fetch-site"?: string | string[] | undefined;
}

/** Whether only this machine can connect to a listener on `address`. */
export const isLoopback = (address: string): boolean => address === "::1" || address === "localhost" || address.startsWith("127.");

/**
 * Whether a server on `listenAddress` answers to this Host header. On loopback only this machine's own names: a foreign page that points
 * its name at 127.0.0.1 (DNS rebinding) still sends its own name. Elsewhere every name, because the edge may serve any domain.
 */
export function isHostAccepted(listenAddress: string, host: string | undefined): boolean {
  if (!isLoopback(listenAddress)) return true;
  return LOOPBACK_NAMES.has((host ?? "").replace(/:\d{1,5}$/, "").toLowerCase());
}

/** Whether a browser says that the request comes from this site's own page. A request that says nothing does not pass. */
export function isSameOrigin({ host, origin, "sec-fetch-site": fetchSite }: RequestHeaders): boolean {
  if (fetchSite !== undefined) return fetchSite === "same-origin";
  return origin !== undefined && URL.parse(origin)?.host === host?.toLowerCase();
}

/** Whether a browser says that the request comes from another site's page. A request that says nothing is a program's. */
export function isCrossOrigin(headers: RequestHeaders): boolean {
  return (headers.origin !== undefined || headers["sec-fetch-site"] !== undefined) && !isSameOrigin(headers);
}

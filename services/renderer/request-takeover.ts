import type { CDPSession, Protocol } from "puppeteer-core";
import type { RenderRequest } from "./render-request.ts";

/** Chromium sets these itself. `user-agent` is set for all of the page's requests elsewhere. */
const OWN_HEADERS = ["host", "connection", "content-length", "accept-encoding", "user-agent", "cookie"];

/**
 * Changes the requests of the page's tab. Only the first request gets the task's method, headers and body, so that credentials stay with their
 * address. Images are not loaded unless requested. Other requests are not paused, because that would cost time.
 */
export async function takeOverRequests(cdp: CDPSession, request: RenderRequest): Promise<void> {
  let isFirst = true;
  cdp.on("Fetch.requestPaused", (paused) => {
    const step = decide(paused, request, isFirst);
    if (paused.resourceType === "Document") isFirst = false;
    // The tab may be closing.
    step(cdp).catch(() => {});
  });
  const patterns: Protocol.Fetch.RequestPattern[] = [{ resourceType: "Document" }];
  if (!request.loadImages) patterns.push({ resourceType: "Image" });
  await cdp.send("Fetch.enable", { patterns });
}

type Step = (cdp: CDPSession) => Promise<void>;

function decide(
  { requestId, resourceType, request: own }: Protocol.Fetch.RequestPausedEvent,
  request: RenderRequest,
  isFirst: boolean,
): Step {
  if (resourceType === "Image") return (cdp) => cdp.send("Fetch.failRequest", { requestId, errorReason: "BlockedByClient" });
  if (!isFirst) return (cdp) => cdp.send("Fetch.continueRequest", { requestId });
  const { data } = request;
  return (cdp) =>
    cdp.send("Fetch.continueRequest", {
      requestId,
      method: (request.method ?? (data === undefined ? "GET" : "POST")).toUpperCase(),
      headers: Object.entries(firstHeaders(own.headers, request)).map(([name, value]) => ({ name, value })),
      ...(data === undefined ? {} : { postData: typeof data === "string" ? Buffer.from(data).toString("base64") : data.base64 }),
    });
}

/** Chromium's headers, lower-case, overridden by those of the task. */
export function firstHeaders(
  own: Record<string, string>,
  { headers, data }: Pick<RenderRequest, "headers" | "data">,
): Record<string, string> {
  const lower = Object.fromEntries(Object.entries(own).map(([name, value]) => [name.toLowerCase(), value]));
  const wanted = Object.entries(headers).filter(([name]) => !OWN_HEADERS.includes(name));
  const form = data === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
  return { ...lower, ...form, ...Object.fromEntries(wanted) };
}

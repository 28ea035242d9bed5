import type { CDPSession, Protocol } from "puppeteer-core";
import type { ResourceKind } from "../core/protocol/render-options.ts";
import type { RenderRequest } from "./render-request.ts";

/** Chromium sets these itself. `user-agent` is set for all of the page's requests elsewhere. */
const OWN_HEADERS = ["host", "connection", "content-length", "accept-encoding", "user-agent", "cookie"];

const TYPES: Record<ResourceKind, Protocol.Network.ResourceType[]> = {
  image: ["Image"],
  font: ["Font"],
  stylesheet: ["Stylesheet"],
  media: ["Media"],
  script: ["Script"],
  xhr: ["XHR", "Fetch"],
};

/** A response of the main frame, before Chromium decides what to do with it. */
export type PausedAnswer = Protocol.Fetch.RequestPausedEvent & { responseStatusCode: number };

/**
 * Changes the requests of the page's tab. Only the first request gets the task's method, headers and body, so that credentials stay with their
 * address. Blocked kinds, and images unless they are wanted, are not loaded. Other requests are not paused, because that would cost time.
 *
 * @param onAnswer is called with each response of a document, and continues it or not.
 * @returns ends the changes.
 */
export async function takeOverRequests(
  cdp: CDPSession,
  request: RenderRequest,
  onAnswer: (answer: PausedAnswer) => Promise<unknown>,
): Promise<() => Promise<unknown>> {
  let isFirst = true;
  const onPaused = (paused: Protocol.Fetch.RequestPausedEvent) => {
    const step = isAnswer(paused) ? () => onAnswer(paused) : decide(paused, request, isFirst);
    if (paused.resourceType === "Document") isFirst = false;
    // The tab may be closing.
    step(cdp).catch(() => {});
  };
  cdp.on("Fetch.requestPaused", onPaused);
  const patterns: Protocol.Fetch.RequestPattern[] = [
    { resourceType: "Document", requestStage: "Request" },
    { resourceType: "Document", requestStage: "Response" },
    ...blockedTypes(request).map((resourceType) => ({ resourceType })),
  ];
  await cdp.send("Fetch.enable", { patterns });
  return () => {
    cdp.off("Fetch.requestPaused", onPaused);
    return cdp.send("Fetch.disable");
  };
}

/** Chromium's names of what the page may not load. */
export function blockedTypes({ loadImages, blockResources = [] }: Pick<RenderRequest, "loadImages" | "blockResources">) {
  const kinds = new Set<ResourceKind>(loadImages ? blockResources : ["image", ...blockResources]);
  return [...kinds].flatMap((kind) => TYPES[kind]);
}

const isAnswer = (paused: Protocol.Fetch.RequestPausedEvent): paused is PausedAnswer => paused.responseStatusCode !== undefined;

type Step = (cdp: CDPSession) => Promise<unknown>;

function decide(
  { requestId, resourceType, request: own, responseErrorReason }: Protocol.Fetch.RequestPausedEvent,
  request: RenderRequest,
  isFirst: boolean,
): Step {
  if (resourceType !== "Document") return (cdp) => cdp.send("Fetch.failRequest", { requestId, errorReason: "BlockedByClient" });
  if (!isFirst || responseErrorReason !== undefined) return (cdp) => cdp.send("Fetch.continueRequest", { requestId });
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

import type { Page as BrowserPage, HTTPRequest, HTTPResponse } from "puppeteer-core";
import type { CapturedRequest } from "../core/protocol/messages.ts";
import { matchesPattern } from "../core/protocol/render-options.ts";
import { EMPTY_STATUSES } from "./download.ts";

/** As many as a page with a long list sends. */
const MAX_CAPTURED = 1_000;
const CAPTURED_TYPES = ["xhr", "fetch"];

const headOf = (request: HTTPRequest, response: HTTPResponse) => ({
  ...{ url: request.url(), method: request.method() },
  ...{ statusCode: response.status(), headers: response.headers() },
});

/** The answers to requests of one page. */
export interface Captured {
  /** Those that have arrived, and the numbers of others: those for which there was no room, and those whose body Chromium had no longer. */
  take(): Promise<{ requests: CapturedRequest[]; omitted: number; lost: number }>;
  stop(): void;
}

/**
 * Keeps the answers to XHR and fetch requests whose URL contains `pattern`.
 *
 * @param maxBytes of all their texts together.
 */
export function captureRequests(page: BrowserPage, pattern: string, maxBytes: number): Captured {
  const reading: Promise<CapturedRequest | undefined>[] = [];
  let omitted = 0;
  let lost = 0;
  let bytes = 0;
  const read = async (request: HTTPRequest): Promise<CapturedRequest | undefined> => {
    const response = request.response();
    if (!response) return undefined;
    const body = await response.buffer().catch(() => undefined);
    // Chromium keeps no bodies of preflights, redirects and empty answers, and drops those that are very large.
    if (!body && response.ok() && !EMPTY_STATUSES.includes(response.status()) && !["HEAD", "OPTIONS"].includes(request.method())) {
      lost++;
      return undefined;
    }
    if (!body) return { ...headOf(request, response), text: "" };
    bytes += body.length;
    if (bytes > maxBytes) {
      bytes -= body.length;
      omitted++;
      return undefined;
    }
    const text = new TextDecoder().decode(body).toWellFormed();
    return { ...headOf(request, response), text };
  };
  const onFinished = (request: HTTPRequest) => {
    if (!CAPTURED_TYPES.includes(request.resourceType()) || !matchesPattern(request.url(), pattern)) return;
    if (reading.length < MAX_CAPTURED) reading.push(read(request));
    else omitted++;
  };
  page.on("requestfinished", onFinished);
  return {
    take: async () => ({ requests: (await Promise.all(reading)).filter((one) => one !== undefined), omitted, lost }),
    stop: () => void page.off("requestfinished", onFinished),
  };
}

import type { Page as BrowserPage, HTTPRequest } from "puppeteer-core";
import type { CapturedRequest } from "../core/protocol/messages.ts";
import { matchesPattern } from "../core/protocol/render-options.ts";

/** As many as a page with a long list sends. */
const MAX_CAPTURED = 1_000;
const CAPTURED_TYPES = ["xhr", "fetch"];

/** The answers to requests of one page. */
export interface Captured {
  /** Those that have arrived, and the number of others for which there was no room. */
  take(): Promise<{ requests: CapturedRequest[]; omitted: number }>;
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
  let bytes = 0;
  const read = async (request: HTTPRequest): Promise<CapturedRequest | undefined> => {
    const response = request.response();
    if (!response) return undefined;
    // A body that Chromium no longer has, such as that of a preflight or a redirect.
    const body = await response.buffer().catch(() => new Uint8Array());
    bytes += body.length;
    if (bytes > maxBytes) {
      bytes -= body.length;
      omitted++;
      return undefined;
    }
    const text = new TextDecoder().decode(body).toWellFormed();
    return { url: request.url(), method: request.method(), statusCode: response.status(), headers: response.headers(), text };
  };
  const onFinished = (request: HTTPRequest) => {
    if (!CAPTURED_TYPES.includes(request.resourceType()) || !matchesPattern(request.url(), pattern)) return;
    if (reading.length < MAX_CAPTURED) reading.push(read(request));
    else omitted++;
  };
  page.on("requestfinished", onFinished);
  return {
    take: async () => ({ requests: (await Promise.all(reading)).filter((one) => one !== undefined), omitted }),
    stop: () => void page.off("requestfinished", onFinished),
  };
}

import { setTimeout as delay } from "node:timers/promises";
import { request as send } from "undici";
import { CrawlerError } from "../core/errors.ts";
import type { Page } from "../core/messages.ts";
import type { FetchOptions } from "../core/task.ts";
import { TIME_LIMITS } from "../core/time-limits.ts";
import type { Allowance } from "./body-budget.ts";
import { parseCookieHeader } from "./chain-cookies.ts";
import { NoRendererError, RendererUnavailableError } from "./errors.ts";
import { type FetchContext, type FetchRequest, taskTimeoutMs } from "./fetch-request.ts";
import { cookieHeader } from "./headers.ts";
import { inTime } from "./in-time.ts";
import { proxyOf } from "./proxy-of.ts";
import type { FetcherSettings } from "./settings.ts";

/** A busy renderer is asked again after so long, until the page's own limit. */
const BUSY_WAIT_MS = 500;
const BUSY_STATUS = 503;

/** The answer of `POST /render`; its content travels as base64. */
type RenderedPage = Omit<Page, "content"> & { content: string };

/**
 * Has a page rendered by the renderer of the settings. A page that the renderer itself gave up has status 599 and its error.
 *
 * @throws NoRendererError if there is none, RendererUnavailableError if it does not answer within the page's limit and a second, or stays busy.
 */
export async function renderPage(request: FetchRequest, { settings, allowance }: FetchContext): Promise<Page> {
  if (!settings.rendererUrl) throw new NoRendererError(request.url);
  const rendererUrl = typeof settings.rendererUrl === "string" ? settings.rendererUrl : await settings.rendererUrl();
  const deadline = performance.now() + taskTimeoutMs(request.fetch.timeout, TIME_LIMITS.renderMs);
  for (;;) {
    const timeoutMs = Math.max(1, Math.round(deadline - performance.now()));
    const { statusCode, text } = await post(rendererUrl, renderRequest(request, settings, timeoutMs), { timeoutMs, allowance });
    if (statusCode === 200) {
      const page = JSON.parse(text) as RenderedPage;
      return { ...page, content: Buffer.from(page.content, "base64") };
    }
    if (statusCode !== BUSY_STATUS || performance.now() + BUSY_WAIT_MS > deadline) {
      throw new RendererUnavailableError(rendererUrl, `it answered ${statusCode}: ${text.slice(0, 500)}`);
    }
    await delay(BUSY_WAIT_MS);
  }
}

/** What the renderer is told as the task has it. */
const TOLD = [
  "method",
  "data",
  "validateCert",
  "jsScript",
  "jsRunAt",
  "jsViewportWidth",
  "jsViewportHeight",
  "loadImages",
  "screenshot",
] as const satisfies (keyof FetchOptions)[];

/** The body of `POST /render`. */
export function renderRequest({ url, fetch }: FetchRequest, settings: FetcherSettings, timeoutMs: number) {
  const maxBodyBytes = Math.min(fetch.maxBodyBytes ?? settings.maxBodyBytes, settings.maxBodyBytes);
  const sent = Object.fromEntries(Object.entries(fetch.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const { cookie: _merged, "user-agent": userAgent = settings.userAgent, ...others } = sent;
  return {
    ...Object.fromEntries(TOLD.map((name) => [name, fetch[name]])),
    ...{ url, timeoutMs, maxBodyBytes, proxy: proxyOf(fetch) },
    headers: { ...others, "user-agent": userAgent },
    cookies: { ...Object.fromEntries(parseCookieHeader(cookieHeader(fetch.headers))), ...fetch.cookies },
  };
}

type RenderBody = ReturnType<typeof renderRequest>;

async function post(
  rendererUrl: string,
  body: RenderBody,
  { timeoutMs, allowance }: { timeoutMs: number; allowance: Allowance },
): Promise<{ statusCode: number; text: string }> {
  const waitMs = timeoutMs + TIME_LIMITS.renderAnswerExtraMs;
  const deadline = performance.now() + timeoutMs;
  try {
    const answer = await send(new URL("/render", rendererUrl), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      headersTimeout: waitMs,
      bodyTimeout: waitMs,
      signal: AbortSignal.timeout(waitMs),
    });
    const take = async (bytes: number, receivedBytes: number) => {
      const granted = allowance.take(bytes);
      if (granted) await inTime(granted, { url: body.url, deadline, limitMs: timeoutMs, receivedBytes });
    };
    return { statusCode: answer.statusCode, text: await readText(answer.body, body.maxBodyBytes * ANSWER_PARTS, take) };
  } catch (error) {
    if (error instanceof CrawlerError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RendererUnavailableError(rendererUrl, code === undefined ? message : `${message || "no connection"}, ${code}`, error);
  }
}

/** The page, its screenshot and what its script returned, each at its limit, in base64 or escaped. */
const ANSWER_PARTS = 6;
const ANSWER_HEAD_BYTES = 1_024 * 1_024;

/** @param take has each chunk charged before it is kept. @throws Error if it is longer than an answer can be. */
async function readText(
  body: AsyncIterable<Buffer>,
  mostBytes: number,
  take: (bytes: number, receivedBytes: number) => Promise<void>,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes + ANSWER_HEAD_BYTES) throw new Error(`its answer has more than ${mostBytes + ANSWER_HEAD_BYTES} bytes`);
    await take(chunk.length, bytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

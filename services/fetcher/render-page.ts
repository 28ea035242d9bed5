import { request as send } from "undici";
import { MIB } from "../core/protocol/byte-units.ts";
import { CrawlerError } from "../core/protocol/errors.ts";
import { FETCH_OPTION_ENTRIES } from "../core/protocol/fetch-options.ts";
import { JSON_LIMITS, parseJson } from "../core/protocol/json-limits.ts";
import type { Page } from "../core/protocol/messages.ts";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import { retry } from "../core/runtime/retry.ts";
import type { BudgetLease } from "./body-budget.ts";
import { parseCookieHeader } from "./chain-cookies.ts";
import { NoRendererError, RendererUnavailableError } from "./errors.ts";
import { type FetchContext, type FetchRequest, taskTimeoutMs } from "./fetch-request.ts";
import { headerOf } from "./headers.ts";
import { withPageDeadline } from "./page-deadline.ts";
import { proxyOf } from "./proxy-of.ts";
import type { FetcherSettings } from "./settings.ts";

/** The delay before a busy renderer is called again, until the limit of the wait for a tab. */
const BUSY_WAIT_MS = 500;
const BUSY_STATUS = 503;

/** The answer of `POST /render`; its content is in base64. */
type RenderedPage = Omit<Page, "content"> & { content: string };

/**
 * Renders a page with the renderer of the settings. A page that the renderer itself gave up has status 599 and its error.
 *
 * The page's limit begins when the renderer has a tab for it. The wait for a tab is bounded by `TIME_LIMITS.renderQueueMs`.
 *
 * @throws NoRendererError without a renderer, RendererUnavailableError if it does not answer within both limits and a second, or stays busy.
 */
export async function renderPage(request: FetchRequest, { settings, budgetLease }: FetchContext): Promise<Page> {
  if (!settings.rendererUrl) throw new NoRendererError(request.url);
  const rendererUrl = typeof settings.rendererUrl === "string" ? settings.rendererUrl : await settings.rendererUrl();
  const timeoutMs = Math.max(1, Math.round(taskTimeoutMs(request.fetch.timeout, TIME_LIMITS.renderMs)));
  const body = renderRequest(request, settings, timeoutMs);
  const attempt = async () => {
    const { statusCode, text } = await post(rendererUrl, body, budgetLease);
    if (statusCode !== 200) {
      const isBusy = statusCode === BUSY_STATUS;
      throw new RendererUnavailableError(rendererUrl, `it answered ${statusCode}: ${text.slice(0, 500)}`, { isBusy });
    }
    const page = readRendered(rendererUrl, text);
    return { ...page, content: Buffer.from(page.content, "base64") };
  };
  const isTransient = (error: unknown) => error instanceof RendererUnavailableError && error.isBusy;
  return await retry(attempt, { isTransient, waitMs: BUSY_WAIT_MS, forMs: TIME_LIMITS.renderQueueMs });
}

/** @throws RendererUnavailableError for an invalid answer. */
function readRendered(rendererUrl: string, text: string): RenderedPage {
  try {
    return parseJson(text, JSON_LIMITS.message) as RenderedPage;
  } catch (error) {
    throw new RendererUnavailableError(rendererUrl, `its answer cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** The task's options that are forwarded to the renderer. */
const FORWARDED_OPTIONS = FETCH_OPTION_ENTRIES.filter(([, { renderer }]) => renderer).map(([name]) => name);

/** The body of `POST /render`. */
export function renderRequest({ url, fetch, project }: FetchRequest, settings: FetcherSettings, timeoutMs: number) {
  const maxBodyBytes = Math.min(fetch.maxBodyBytes ?? settings.maxBodyBytes, settings.maxBodyBytes);
  const sent = Object.fromEntries(Object.entries(fetch.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const { cookie: _merged, "user-agent": userAgent = settings.userAgent, ...others } = sent;
  return {
    ...Object.fromEntries(FORWARDED_OPTIONS.map((name) => [name, fetch[name]])),
    ...{ url, timeoutMs, maxBodyBytes, project, proxy: proxyOf(fetch) },
    headers: { ...others, "user-agent": userAgent },
    cookies: { ...Object.fromEntries(parseCookieHeader(headerOf(fetch.headers, "cookie"))), ...fetch.cookies },
  };
}

type RenderBody = ReturnType<typeof renderRequest>;

async function post(rendererUrl: string, body: RenderBody, budgetLease: BudgetLease): Promise<{ statusCode: number; text: string }> {
  const waitMs = TIME_LIMITS.renderQueueMs + body.timeoutMs + TIME_LIMITS.renderAnswerExtraMs;
  const limit = { url: body.url, deadline: performance.now() + waitMs, limitMs: waitMs };
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
      const granted = budgetLease.take(bytes);
      if (granted) await withPageDeadline(granted, { ...limit, receivedBytes });
    };
    return { statusCode: answer.statusCode, text: await readText(answer.body, body.maxBodyBytes * ANSWER_PARTS, take) };
  } catch (error) {
    if (error instanceof CrawlerError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RendererUnavailableError(rendererUrl, code === undefined ? message : `${message || "no connection"}, ${code}`, {
      cause: error,
    });
  }
}

/** The page, its screenshot and its script's result, each at its limit, in base64 or escaped. */
const ANSWER_PARTS = 6;
const ANSWER_HEAD_BYTES = MIB;

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

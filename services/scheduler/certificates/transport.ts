/** HTTP for acme-client, which has no timeout, waits for any `Retry-After`, and loses the reason of a failed connection. */
import { rootCertificates } from "node:tls";
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from "axios";
import { Agent, fetch, type Response } from "undici";
import { MIB } from "../../core/protocol/byte-units.ts";
import { AcmeUnreachableError } from "./errors.ts";
import { retryAfterSeconds } from "./order-times.ts";

const REQUEST_MS = 30_000;
/** Maximum size of an answer: a certificate chain has some kilobytes. */
const MAX_ANSWER_BYTES = MIB;

export interface Transport extends AsyncDisposable {
  adapter: AxiosAdapter;
  /** The wait requested with the CA's last refusal; 0 without one. */
  retryAfterSeconds(): number;
}

/**
 * @param authority PEM of a root that is trusted in addition to the well-known ones.
 * @param signal cancels open requests; new ones get no answer.
 */
export function createTransport({ authority, signal }: { authority: string | undefined; signal: AbortSignal }): Transport {
  let waitSeconds = 0;
  const dispatcher = new Agent({ connect: authority === undefined ? {} : { ca: [...rootCertificates, authority] } });
  return {
    [Symbol.asyncDispose]: () => dispatcher.close(),
    retryAfterSeconds: () => waitSeconds,
    adapter: async (config) => {
      // The order has ended. An error would make acme-client sleep and repeat the request.
      if (signal.aborted) return new Promise(() => {});
      const response = await send(config, dispatcher, AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]));
      // An order in progress has the header, too: only a refusal counts.
      if (response.status >= 400) waitSeconds = retryAfterSeconds(response.headers["retry-after"] ?? null, Date.now() / 1_000);
      return response;
    },
  };
}

async function send(config: InternalAxiosRequestConfig, dispatcher: Agent, signal: AbortSignal): Promise<AxiosResponse> {
  const { url = "", method = "get", data } = config;
  const headers = Object.entries(config.headers.toJSON()).map(([name, value]) => [name, String(value)] as [string, string]);
  try {
    const answer = await fetch(url, { method: method.toUpperCase(), headers, body: data ?? null, redirect: "error", signal, dispatcher });
    const text = await readText(answer);
    return { config, data: text, status: answer.status, statusText: answer.statusText, headers: Object.fromEntries(answer.headers) };
  } catch (error) {
    throw new AcmeUnreachableError(url, error);
  }
}

async function readText({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer has more than ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

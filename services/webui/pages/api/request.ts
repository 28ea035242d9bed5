import { forgetSession } from "../session/session-store.ts";
import { RequestError } from "./request-error.ts";
import type { Failure } from "./types.ts";

export const API_ROOT = "/api/v1";

const NO_ANSWER = "The web UI does not answer. Check whether it still runs (./orb start), and whether this machine can reach it.";

export interface RequestOptions {
  method?: "GET" | "PUT" | "POST" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/**
 * One request to the REST API. If the session has ended, the login opens.
 *
 * @param path below the API's root: `/projects`.
 * @throws RequestError with the API's message, or with status 0 without an answer; an abort by `signal` rejects as in fetch.
 */
export async function request<T>(path: string, { method = "GET", body, signal }: RequestOptions = {}): Promise<T> {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const answer = await fetch(API_ROOT + path, { method, ...json, signal: signal ?? null }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new RequestError(0, NO_ANSWER);
  });
  if (answer.ok) return (await answer.json()) as T;
  if (answer.status === 401 && path !== "/login") forgetSession();
  throw await readFailure(answer);
}

async function readFailure(answer: Response): Promise<RequestError> {
  const { error } = ((await answer.json().catch(() => undefined)) ?? {}) as { error?: Failure };
  if (error) return new RequestError(answer.status, error.message, error);
  return new RequestError(
    answer.status,
    `The web UI, or a proxy in front of it, answered with status ${answer.status}. Try again in a moment.`,
  );
}

import { forgetSession } from "../session/session-store.ts";
import { RequestError } from "./request-error.ts";
import type { Failure } from "./types.ts";

export const API_ROOT = "/api/v1";

const NO_ANSWER = "The web UI does not answer. See whether it still runs (./orb start), and whether this machine reaches it.";

export interface RequestOptions {
  method?: "GET" | "PUT" | "POST" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/**
 * One request to the REST API. A session that has ended brings up the login.
 *
 * @param path below the API's root: `/projects`.
 * @throws RequestError with the API's own message, or with status 0 when no answer came; what `signal` aborts rejects as fetch does.
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
  if (error) return new RequestError(answer.status, error.message, error.problems);
  return new RequestError(answer.status, `The web UI, or a proxy before it, answered with status ${answer.status}. Try again in a moment.`);
}

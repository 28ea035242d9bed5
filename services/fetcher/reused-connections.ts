/** Finds out which requests failed because a server had closed a connection that was kept for reuse. */
import { subscribe } from "node:diagnostics_channel";

/** Requests by connection, and the connection of each request without an answer: undici's objects, by its diagnostics channels. */
const requests = new WeakMap<object, number>();
const connections = new WeakMap<object, object>();
const failures = new WeakSet<Error>();

subscribe("undici:client:sendHeaders", (message) => {
  const { request, socket } = message as { request: object; socket: object };
  connections.set(request, socket);
  requests.set(socket, (requests.get(socket) ?? 0) + 1);
});
subscribe("undici:request:headers", (message) => {
  connections.delete((message as { request: object }).request);
});
subscribe("undici:request:error", (message) => {
  const { request, error } = message as { request: object; error: Error };
  if ((requests.get(connections.get(request) ?? {}) ?? 0) > 1) failures.add(error);
});

const LOST = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/;

/** Whether a request failed with this error of undici because its connection was lost before the answer, and earlier requests had used this connection. */
export const isLostReuse = (error: unknown): boolean =>
  error instanceof Error && failures.has(error) && LOST.test((error as NodeJS.ErrnoException).code ?? "");

import type { Server, ServerOptions } from "node:http";
import { TIME_LIMITS } from "../protocol/time-limits.ts";

/** Limits of an HTTP client before it is disconnected. Times in milliseconds. */
export interface ServerLimits {
  /** From the connection, or the first byte of a further request, to the end of its headers. */
  headMs: number;
  /** The same to the end of the request's body. */
  requestMs: number;
  /** Between two requests of one connection. */
  idleMs: number;
  /** How often `headMs` and `requestMs` are checked. */
  checkMs: number;
  headBytes: number;
  /** Concurrent connections; further ones are closed immediately. */
  connections: number;
}

/** The limits of every server in Orbweaver. */
export const SERVER_LIMITS: ServerLimits = {
  headMs: TIME_LIMITS.requestHeadMs,
  requestMs: TIME_LIMITS.requestMs,
  idleMs: TIME_LIMITS.keepAliveMs,
  checkMs: 2_000,
  headBytes: 16_384,
  connections: 1_000,
};

/** The limits as options of `http.createServer`; `limitConnections` sets the remaining one. */
export const serverOptionsOf = ({ headMs, requestMs, idleMs, checkMs, headBytes }: ServerLimits) =>
  ({
    headersTimeout: headMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: checkMs,
    maxHeaderSize: headBytes,
  }) satisfies ServerOptions;

/** Closes further connections immediately while `connections` are open. */
export function limitConnections(server: Server, { connections }: ServerLimits): void {
  server.maxConnections = connections;
}

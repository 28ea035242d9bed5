/** A connection that reconnects by itself, calls of the queue's functions, and retries while the server is unavailable. */
import { Redis } from "ioredis";
import { retry } from "../runtime/retry.ts";
import { QueueFullError, QueueUnavailableError } from "./errors.ts";
import { functionName, LIBRARY, type QueueFunction } from "./redis-functions.ts";

export type RedisArgument = string | number | Buffer;

/** A connection without data for this long while a response is due counts as lost: a host that vanished sends no reset. */
const SILENCE_MS = 10_000;
const RETRY_MS = 25;
const MAX_RECONNECT_MS = 1_000;

/** Commands fail immediately while the connection is down; `retryWhileUnavailable` decides how long to retry. */
export const openRedis = (url: string): Redis =>
  new Redis(url, {
    // The same reply format for every server version.
    protocol: 2,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    socketTimeout: SILENCE_MS,
    retryStrategy: (times) => Math.min(times * 100, MAX_RECONNECT_MS),
  });

export interface FunctionCall {
  name: QueueFunction;
  keys: readonly string[];
  args: readonly RedisArgument[];
}

/**
 * Calls one of the queue's functions; texts are returned as bytes. If the server lacks the function, because it is new or was emptied, this
 * loads the library if the login may do so.
 */
export async function callFunction(redis: Redis, call: FunctionCall): Promise<unknown> {
  const { name, keys, args } = call;
  // One array, because a call may have more arguments than a JavaScript function can take.
  const words = [functionName(name), keys.length, ...keys].concat(args as string[]);
  try {
    return await redis.callBuffer("FCALL", words);
  } catch (error) {
    if (!isFunctionMissing(error) || !(await loadFunctions(redis))) throw error;
    return await redis.callBuffer("FCALL", words);
  }
}

/**
 * Loads the queue's functions if they are missing. Functions of other versions stay, for processes that still use them.
 *
 * @returns false if this login may not load functions.
 */
export async function loadFunctions(redis: Redis): Promise<boolean> {
  try {
    await redis.call("FUNCTION", "LOAD", LIBRARY);
  } catch (error) {
    const { message } = error as Error;
    if (message.startsWith("NOPERM")) return false;
    if (!message.includes("already exists")) throw error;
  }
  return true;
}

const isFunctionMissing = (error: unknown) => error instanceof Error && error.message.startsWith("ERR Function not found");

/** Error replies of a server that is up but cannot serve now. */
const PASSING_ANSWERS = ["LOADING", "BUSY", "OOM", "MISCONF", "READONLY", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN"];

/** Whether the same command may succeed later: the connection is down, or the server reports a temporary state. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name !== "ReplyError") return !(error instanceof TypeError);
  // Until a login with that right loads the functions.
  if (isFunctionMissing(error)) return true;
  // A script's error may contain the original one.
  return PASSING_ANSWERS.some((answer) => new RegExp(`(^|-)${answer} `).test(error.message));
}

/** The server is above its maxmemory. */
export const isFull = (error: unknown) => error instanceof Error && /(^|-)OOM /.test(error.message);

/**
 * ioredis attaches the command to its errors. Its arguments can be a password or whole pages, which must not be logged.
 *
 * @returns the same error.
 */
export function withoutCommand(error: unknown): unknown {
  if (error instanceof Error && "command" in error) delete error.command;
  return error;
}

export interface UnavailableOptions {
  url: string;
  forMs: number;
  /** Why the connection is down; undefined while it is up. */
  connectionError: () => Error | undefined;
  /** Cancels the retries. */
  signal?: AbortSignal | undefined;
  /** Whether to wait while the server is full. Default true. */
  awaitsRoom?: boolean | undefined;
}

/**
 * Repeats `work` until it succeeds.
 *
 * @throws QueueUnavailableError after `forMs` of retries, or when `signal` aborts; QueueFullError and errors that a retry cannot fix, immediately.
 */
export async function retryWhileUnavailable<T>(work: () => Promise<T>, options: UnavailableOptions): Promise<T> {
  const { url, forMs, connectionError, signal, awaitsRoom = true } = options;
  const start = performance.now();
  const isRefused = (error: unknown) => isFull(error) && !awaitsRoom;
  try {
    return await retry(work, { isTransient: (error) => isUnavailable(error) && !isRefused(error), waitMs: RETRY_MS, forMs, signal });
  } catch (error) {
    if (!isUnavailable(error)) throw withoutCommand(error);
    const { host } = new URL(url);
    if (isRefused(error)) throw new QueueFullError(host, withoutCommand(error));
    throw new QueueUnavailableError(host, performance.now() - start, withoutCommand(connectionError() ?? error));
  }
}

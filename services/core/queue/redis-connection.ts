/** A connection that restores itself, the queue's scripts as its commands, and what to do while the server is away. */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { QueueFullError, QueueUnavailableError } from "./errors.ts";
import { FORGET_CONSUMERS, RECLAIM, RENEW, SETTLE } from "./redis-scripts.ts";

export type RedisArgument = string | number | Buffer;

/** What RECLAIM returns. */
export type Reclaimed = [next: Buffer, isSuspect: number, leavesSuspects: number, messages: [Buffer, Buffer[], number][]];

export interface QueueRedis extends Redis {
  settle(keyCount: number, ...args: (RedisArgument | RedisArgument[])[]): Promise<number>;
  reclaimBuffer(...args: RedisArgument[]): Promise<Reclaimed>;
  renew(stream: string, ...args: (string | string[])[]): Promise<string[]>;
  forgetConsumers(...args: RedisArgument[]): Promise<number>;
}

/** Without any data for so long while it owes an answer, a connection counts as dead: a host that vanished sends no reset. */
const SILENCE_MS = 10_000;
const RETRY_MS = 25;
const SLOWEST_RECONNECT_MS = 1_000;

/** Commands fail at once while the connection is down; `retryWhileUnavailable` decides how long to go on trying. */
export function openRedis(url: string): QueueRedis {
  const redis = new Redis(url, {
    // Replies in one shape, whatever the server's version.
    protocol: 2,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    socketTimeout: SILENCE_MS,
    retryStrategy: (times) => Math.min(times * 100, SLOWEST_RECONNECT_MS),
    scripts: {
      settle: { lua: SETTLE },
      reclaim: { lua: RECLAIM, numberOfKeys: 1 },
      renew: { lua: RENEW, numberOfKeys: 1 },
      forgetConsumers: { lua: FORGET_CONSUMERS, numberOfKeys: 1 },
    },
  });
  return redis as QueueRedis;
}

/** Answers of a server that is there but cannot serve now. */
const PASSING_ANSWERS = ["LOADING", "BUSY", "OOM", "MISCONF", "READONLY", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN"];

/** Whether the same command may succeed a moment later: the connection is down, or the server says so. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name !== "ReplyError") return !(error instanceof TypeError);
  // A script's error may carry the answer within.
  return PASSING_ANSWERS.some((answer) => new RegExp(`(^|-)${answer} `).test(error.message));
}

const isFull = (error: unknown) => error instanceof Error && /(^|-)OOM /.test(error.message);

/**
 * ioredis attaches the command to its errors, with a password or whole pages in the arguments: nothing that a log may see.
 *
 * @returns the same error.
 */
export function withoutCommand(error: unknown): unknown {
  if (error instanceof Error && "command" in error) delete error.command;
  return error;
}

export interface RetryOptions {
  url: string;
  forMs: number;
  /** Why the connection is down; undefined while it is up. */
  connectionError: () => Error | undefined;
  /** Ends the trying early. */
  signal?: AbortSignal | undefined;
  /** Whether a server that is full is waited for. Default true. */
  awaitsRoom?: boolean | undefined;
}

/**
 * Does `work` again until it succeeds.
 *
 * @throws QueueUnavailableError after `forMs` of trying, or when `signal` aborts; QueueFullError, or any error that trying again would not help, at once.
 */
export async function retryWhileUnavailable<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { url, forMs, connectionError, signal, awaitsRoom = true } = options;
  const start = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error)) throw withoutCommand(error);
      if (isFull(error) && !awaitsRoom) throw new QueueFullError(new URL(url).host, withoutCommand(error));
      const waitedMs = performance.now() - start;
      if (waitedMs > forMs || signal?.aborted)
        throw new QueueUnavailableError(new URL(url).host, waitedMs, withoutCommand(connectionError() ?? error));
    }
    await sleep(RETRY_MS);
  }
}

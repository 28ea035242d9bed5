/**
 * The queue between roles: put, lease, complete, release, dead-letter, depth.
 *
 * Two implementations pass one contract test: `queue/redis.ts` (Redis Streams and consumer groups) and `queue/memory.ts`
 * (one process). A message is delivered at least once: it leaves its queue only by `complete`, `release` or `deadLetter`.
 */
import type { QueueMessages } from "./messages.ts";

export const QUEUE_NAMES = ["scheduler2fetcher", "fetcher2processor", "processor2result", "status_queue"] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** One message for one queue. */
export type Put = { [Q in QueueName]: { queue: Q; message: QueueMessages[Q] } }[QueueName];

/** A message that this process holds. It is renewed in the background until it is ended; if the process dies, another gets it. */
export interface Lease<Q extends QueueName = QueueName> {
  readonly queue: Q;
  readonly id: string;
  readonly message: QueueMessages[Q];
  /** How many times the message was handed out, this time included. */
  readonly deliveries: number;
}

export interface Completion {
  lease: Lease;
  /** What came of the message. */
  puts: Put[];
}

export interface QueueDepth {
  /** Not handed out yet. */
  ready: number;
  /** Handed out and not ended. */
  leased: number;
}

export interface LeaseOptions {
  /** At most this many. */
  max: number;
  /** Of messages above 32 KiB, at most so many bytes beyond the first; 8 MiB by default. Queues in memory hold their messages anyway and ignore it. */
  maxBytes?: number;
  /** Waits so long for the first one; returns [] after that, or as soon as `signal` aborts. */
  waitMs: number;
  signal: AbortSignal;
}

/** A number beside the queues, another one with each step: it tells a queue server that lost something from one that did not. */
export interface MarkerStep {
  /** What must be there; undefined: whatever is, nothing included. */
  from?: number;
  to: number;
}

export interface Queues {
  /**
   * Adds all or nothing. With a step, the marker is written along with it; resolves to false, and adds nothing, if the marker is not the one
   * that the step begins from: the queue server was emptied or came back older, or another scheduler uses it. Rejects with QueueFullError at once if the
   * server has no room for the puts; without a step it waits for some.
   */
  put(puts: Put[], step?: MarkerStep): Promise<boolean>;
  /** The oldest messages first, those of dead workers before new ones. */
  lease<Q extends QueueName>(queue: Q, options: LeaseOptions): Promise<Lease<Q>[]>;
  /** Adds the puts and ends the leases in one step. A lease that is no longer ours adds nothing and ends nothing. */
  complete(completions: Completion[]): Promise<void>;
  /** Gives messages back at once. This delivery does not count: whoever gives back has not died of the message. */
  release(leases: Lease[]): Promise<void>;
  /** Ends a lease as poison: an Outcome with `dead` set goes to `processor2result` in the same step. */
  deadLetter(lease: Lease<"scheduler2fetcher"> | Lease<"fetcher2processor">, reason: string): Promise<void>;
  depth(): Promise<Record<QueueName, QueueDepth>>;
  /** The marker of the last step; undefined when the queue server came back empty. */
  marker(): Promise<number | undefined>;
  /** Compiled scripts by SHA-256, beside the work: processors have no database. Rejects with QueueFullError at once if the server has no room. */
  putScript(hash: string, compiled: string): Promise<void>;
  getScript(hash: string): Promise<string | undefined>;
  isConnected(): boolean;
  close(): Promise<void>;
}

/** A message is poison after this many deliveries: each one but the last ended with the death (or a long sleep) of its worker. */
export const MAX_DELIVERIES = 4;

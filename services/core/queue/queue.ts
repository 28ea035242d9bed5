/**
 * The queue between roles: put, lease, complete, release, dead-letter, depth.
 *
 * Two implementations pass one contract test: `queue/redis.ts` (Redis Streams and consumer groups) and `queue/memory.ts`
 * (one process). A message is delivered at least once: it leaves its queue only by `complete`, `release` or `deadLetter`.
 */
import type { DebugAnswer } from "../protocol/debug-step.ts";
import type { QueueMessages } from "../protocol/messages.ts";
import type { Replica } from "../protocol/replica.ts";

export const QUEUE_NAMES = ["scheduler2fetcher", "fetcher2processor", "processor2result", "status_queue"] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** One message for one queue. */
export type Put = { [Q in QueueName]: { queue: Q; message: QueueMessages[Q] } }[QueueName];

/** A message that this process holds. Its lease is renewed in the background until it ends; if the process crashes, another process gets it. */
export interface Lease<Q extends QueueName = QueueName> {
  readonly queue: Q;
  readonly id: string;
  readonly message: QueueMessages[Q];
  /** Number of deliveries, including this one. */
  readonly deliveries: number;
}

export interface Completion {
  lease: Lease;
  /** The messages that result from this one. */
  puts: Put[];
}

export interface QueueDepth {
  /** Not delivered yet. */
  ready: number;
  /** Delivered and not ended. */
  leased: number;
  /** How long ago the oldest of the delivered messages was put; waiting messages are younger. Missing if none is delivered. */
  oldestMs?: number;
}

export interface LeaseOptions {
  /** Maximum number of messages. */
  max: number;
  /** Maximum bytes of messages above 32 KiB, beyond the first; 8 MiB by default. In-memory queues hold their messages anyway and ignore it. */
  maxBytes?: number;
  /** Waits this long for the first message; returns [] afterwards, or as soon as `signal` aborts. */
  waitMs: number;
  signal: AbortSignal;
}

/** A number stored beside the queues that changes with each step. It shows whether a queue server lost data. */
export interface VersionStep {
  /** The expected queue version; undefined: any, or none. */
  from?: number;
  to: number;
}

export interface Queues {
  /**
   * Adds all puts or none. With a step, it writes the queue version too. It resolves to false and adds nothing if the current queue version is not the step's
   * start: the queue server was emptied or restored to an older state, or another scheduler uses it. If the server has no room it rejects with
   * QueueFullError immediately; without a step it waits for room.
   */
  put(puts: Put[], step?: VersionStep): Promise<boolean>;
  /** The oldest messages first, those of crashed workers before new ones. */
  lease<Q extends QueueName>(queue: Q, options: LeaseOptions): Promise<Lease<Q>[]>;
  /** Adds the puts and ends the leases in one step. A lost lease adds nothing and ends nothing. */
  complete(completions: Completion[]): Promise<void>;
  /** Releases messages for immediate redelivery. This delivery does not count: a release is not a failed delivery. */
  release(leases: Lease[]): Promise<void>;
  /** Ends a lease as poison: an Outcome with `dead` set goes to `processor2result` in the same step. */
  deadLetter(lease: Lease<"scheduler2fetcher"> | Lease<"fetcher2processor">, reason: string): Promise<void>;
  depth(): Promise<Record<QueueName, QueueDepth>>;
  /** The queue version of the last step; undefined if the queue server was emptied. */
  queueVersion(): Promise<number | undefined>;
  /**
   * Stores a compiled script for SCRIPT_KEPT_MS, because processors have no database. Rejects with QueueFullError immediately if the server has no
   * room.
   */
  putScript(script: { hash: string; project: string; compiled: string }): Promise<void>;
  removeScripts(hashes: readonly string[]): Promise<void>;
  /** The stored scripts; some may have expired since. */
  listScripts(): Promise<StoredScript[]>;
  getScript(hash: string): Promise<string | undefined>;
  /** Leaves the answer to a step of the debugger for DEBUG_ANSWER_MS. */
  putAnswer(id: string, answer: DebugAnswer): Promise<void>;
  /** Removes the answer and returns it; undefined if it is not there yet. */
  takeAnswer(id: string): Promise<DebugAnswer | undefined>;
  /** The processes that are connected to these queues, by role and start. */
  listReplicas(): Promise<Replica[]>;
  isConnected(): boolean;
  close(): Promise<void>;
}

/** A compiled script stored beside the queues. */
export interface StoredScript {
  /** SHA-256 (hex) of the script. */
  hash: string;
  project: string;
  bytes: number;
}

/** Longer than a task is in flight (an hour at most). */
export const SCRIPT_KEPT_MS = 7_200_000;
/** Maximum size of a compiled script, in bytes of UTF-8: a larger one is neither stored nor run. */
export const MAX_SCRIPT_BYTES = 4 * 2 ** 20;

/** A message is poison after this many deliveries: each delivery but the last ended with a crash (or a long pause) of its worker. */
export const MAX_DELIVERIES = 4;

import type { QueueName } from "../queue.ts";
import { QUEUE_NAMES } from "../queue.ts";

/** Everything of ours in Redis begins so. */
const PREFIX = "orb:";

export const streamKey = (queue: QueueName) => `${PREFIX}${queue}`;
/** A stream of what is too large for the queue itself, each under the id that its message has there. */
export const largeKey = (queue: QueueName) => `${PREFIX}${queue}:large`;
export const scriptKey = (hash: string) => `${PREFIX}script:${hash}`;
export const MARKER_KEY = `${PREFIX}marker`;
/** A stream of messages that could not be read, for people to look at. */
export const UNREADABLE_KEY = `${PREFIX}unreadable`;

/** KEYS of the script `settle`, and the places in it, counted from 1. */
export const SETTLE_KEYS = [...QUEUE_NAMES.map(streamKey), ...QUEUE_NAMES.map(largeKey), UNREADABLE_KEY, MARKER_KEY];
export const settleIndex = (target: QueueName | "unreadable") =>
  SETTLE_KEYS.indexOf(target === "unreadable" ? UNREADABLE_KEY : streamKey(target)) + 1;

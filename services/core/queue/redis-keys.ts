import type { QueueRole } from "../protocol/replica.ts";
import type { QueueName } from "./queue.ts";
import { QUEUE_NAMES } from "./queue.ts";

/** The prefix of all keys. */
const PREFIX = "orb:";

export const streamKey = (queue: QueueName) => `${PREFIX}${queue}`;
/** A stream of messages that are too large for the queue itself, each under the id of its message there. */
export const largeKey = (queue: QueueName) => `${PREFIX}${queue}:large`;
export const scriptKey = (hash: string) => `${PREFIX}script:${hash}`;
export const answerKey = (id: string) => `${PREFIX}answer:${id}`;
/** A hash of the processes of a role that are alive. */
export const replicasKey = (role: QueueRole | "*") => `${PREFIX}replicas:${role}`;
/** A hash of all stored scripts: size and project by SHA-256. */
export const SCRIPT_LIST_KEY = `${PREFIX}scripts`;
export const VERSION_KEY = `${PREFIX}marker`;
/** A stream of messages that could not be read, for inspection. */
export const UNREADABLE_KEY = `${PREFIX}unreadable`;

/** KEYS of the script `settle`, and the places in it, counted from 1. */
export const SETTLE_KEYS = [...QUEUE_NAMES.map(streamKey), ...QUEUE_NAMES.map(largeKey), UNREADABLE_KEY, VERSION_KEY];
export const settleIndex = (target: QueueName | "unreadable") =>
  SETTLE_KEYS.indexOf(target === "unreadable" ? UNREADABLE_KEY : streamKey(target)) + 1;

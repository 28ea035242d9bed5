/**
 * The atomic steps of the queue, as functions of a Redis library (redis.io/docs, Functions): `lua/*.lua`, one function per file. Each checks which
 * messages its caller still holds, so a process that slept past its leases changes nothing. Each loops only over its arguments, over consumers or over
 * the processes of a role, so every call ends.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { KIB } from "../protocol/byte-units.ts";
import { MAX_REPLICA_BYTES, MAX_REPLICAS, REPLICA_GONE_MS } from "../protocol/replica.ts";
import { QUEUE_NAMES } from "./queue.ts";

/** The consumer group of every queue. */
export const GROUP = "orb";

/**
 * A larger message is stored beside its queue, and is fetched when there is room for it: a process that reads many messages in one command must
 * not receive hundreds of MiB. One read returns 16 MiB at most, because no process reads more than 512 messages.
 */
export const LARGE_BYTES = 32 * KIB;

/** What `settle` returns if the queue version is not the expected one. */
export const WRONG_VERSION = -1;

/**
 * How redelivered messages are leased: one `alone`, so that its worker holds nothing else; `none` while anything else is held; or like all others.
 */
export type RedeliveredRule = "alone" | "none" | "any";

/** The names that the Lua files use. */
const CONSTANTS = {
  LARGE_BYTES,
  WRONG_VERSION,
  /** Maximum number of unreadable messages kept for inspection. */
  UNREADABLE_KEPT: 100,
  /** From this stage on, the resulting message is smaller: its results are stored, and afterwards it ends. */
  SHRINKING_FROM: QUEUE_NAMES.indexOf("processor2result") + 1,
  /** A message counts as redelivered after this many crashes of its workers. */
  MIN_REDELIVERIES: 2,
  MAX_REPLICA_BYTES,
  MAX_REPLICAS,
  REPLICA_GONE_SECONDS: REPLICA_GONE_MS / 1_000,
  /** The error of `settle` if there is no room; it begins with the same word as Redis' own. */
  FULL: "OOM there is no room for what is to be added",
};

/** A function follows those that it calls. */
const FILES = ["holds", "survived", "settle", "reclaim", "renew", "forget-consumers", "announce", "list-replicas"];

/** `settle` fails with OOM on a full server; `settleFull` then does only what frees memory. The others add nothing. */
const REGISTERED = {
  settle: "callback = function(KEYS, ARGV) return settle(KEYS, ARGV, false) end",
  settleFull: "callback = function(KEYS, ARGV) return settle(KEYS, ARGV, true) end, flags = {'allow-oom'}",
  reclaim: "callback = reclaim, flags = {'allow-oom'}",
  renew: "callback = renew, flags = {'allow-oom'}",
  forgetConsumers: "callback = forgetConsumers, flags = {'allow-oom'}",
  announce: "callback = announce",
  listReplicas: "callback = listReplicas, flags = {'allow-oom'}",
};

export type QueueFunction = keyof typeof REGISTERED;

const STEPS = [
  // A number or text in JSON is one in Lua, too.
  ...Object.entries(CONSTANTS).map(([name, value]) => `local ${name} = ${JSON.stringify(value)}`),
  ...FILES.map((name) => readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), "utf8")),
].join("\n");
/** The hash of the text is part of the library's and functions' names, so that processes of two versions each find theirs during an update. */
const VERSION = createHash("sha256")
  .update(STEPS + JSON.stringify(REGISTERED))
  .digest("hex")
  .slice(0, 16);

/** The full name of a function. */
export const functionName = (name: QueueFunction): string => `orb_${VERSION}_${name}`;

/** The argument of `FUNCTION LOAD`. */
export const LIBRARY = `#!lua name=orb_${VERSION}
${STEPS}
${Object.entries(REGISTERED)
  .map(([name, fields]) => `redis.register_function{function_name = '${functionName(name as QueueFunction)}', ${fields}}`)
  .join("\n")}`;

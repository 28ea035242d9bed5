/** The rights of each login of Redis: the commands of services/core/queue on the keys of the role's own work. Redis 7.0 or later (selectors of an ACL). */

import { QUEUE_NAMES, type QueueName } from "../../services/core/queue/queue.ts";
import {
  answerKey,
  largeKey,
  replicasKey,
  SCRIPT_LIST_KEY,
  SETTLE_KEYS,
  scriptKey,
  streamKey,
  UNREADABLE_KEY,
  VERSION_KEY,
} from "../../services/core/queue/redis-keys.ts";
import type { QueueLogin } from "../config/passwords.ts";

/** Commands in ACL syntax (`xgroup|create`), each on all of the key patterns. */
export interface QueueRight {
  commands: readonly string[];
  /** Read, write, or both. */
  access: "R" | "W" | "RW";
  keys: readonly string[];
}

export type RoleLogin = Exclude<QueueLogin, "operator">;

/** Connection commands; they touch no key. */
export const CONNECTION_COMMANDS = ["ping", "info", "time"] as const;

/**
 * A function may be called with any keys of the queues: each of its commands is checked against the caller's other rights.
 */
const CALLS: QueueRight = { commands: ["fcall"], access: "RW", keys: [...SETTLE_KEYS, replicasKey("*")] };

/** Notes that its processes are alive. */
const announces = (role: RoleLogin): QueueRight => ({ commands: ["hset", "hdel", "hgetall"], access: "RW", keys: [replicasKey(role)] });

/** Leases messages, renews, ends and releases them. */
const consumes = (queue: QueueName): QueueRight[] => [
  CALLS,
  {
    commands: ["xreadgroup", "xpending", "xclaim", "xack", "xdel", "xgroup|create", "xgroup|delconsumer", "xinfo|consumers"],
    access: "RW",
    keys: [streamKey(queue)],
  },
  { commands: ["xrange", "xlen", "xdel"], access: "RW", keys: [largeKey(queue)] },
  ...adds(queue),
  { commands: ["xadd"], access: "W", keys: [UNREADABLE_KEY] },
];
const adds = (queue: QueueName): QueueRight[] => [{ commands: ["xadd"], access: "W", keys: [streamKey(queue), largeKey(queue)] }];
/** Whether messages exist; it cannot read them. */
const counts = (...queues: QueueName[]): QueueRight => ({ commands: ["xlen"], access: "R", keys: queues.map(streamKey) });

const ALL_SCRIPTS = scriptKey("*");
/** To steps of the debugger. */
const ALL_ANSWERS = answerKey("*");

/** The rights of each role; it has no others. */
export const QUEUE_RIGHTS: Record<RoleLogin, readonly QueueRight[]> = {
  scheduler: [
    announces("scheduler"),
    ...consumes("status_queue"),
    ...adds("scheduler2fetcher"),
    { commands: ["get", "set"], access: "RW", keys: [VERSION_KEY] },
    { commands: ["set", "del"], access: "W", keys: [ALL_SCRIPTS] },
    { commands: ["hset", "hdel", "hgetall"], access: "RW", keys: [SCRIPT_LIST_KEY] },
  ],
  fetcher: [
    announces("fetcher"),
    ...consumes("scheduler2fetcher"),
    ...adds("fetcher2processor"),
    // Dead letters.
    ...adds("processor2result"),
    counts("fetcher2processor", "processor2result", "status_queue"),
  ],
  processor: [
    announces("processor"),
    ...consumes("fetcher2processor"),
    ...adds("processor2result"),
    counts("processor2result", "status_queue"),
    { commands: ["get"], access: "R", keys: [ALL_SCRIPTS] },
    { commands: ["set"], access: "W", keys: [ALL_ANSWERS] },
  ],
  "result-worker": [announces("result-worker"), ...consumes("processor2result"), ...adds("status_queue")],
  webui: [
    CALLS,
    announces("webui"),
    { commands: ["hlen", "hgetall"], access: "R", keys: [replicasKey("*")] },
    ...adds("status_queue"),
    // Steps of the debugger.
    ...adds("scheduler2fetcher"),
    { commands: ["getdel"], access: "RW", keys: [ALL_ANSWERS] },
    { commands: ["xlen", "xpending"], access: "R", keys: QUEUE_NAMES.map(streamKey) },
  ],
};

/** Loads the functions if Redis has lost them; at a deployment the operator's login has loaded them before. */
export const LOADERS: readonly RoleLogin[] = ["scheduler"];

/** A login's rules, as in one line of an ACL file after its password. */
export function queueRules(login: RoleLogin): string[] {
  const connection = [...CONNECTION_COMMANDS, ...(LOADERS.includes(login) ? ["function|load"] : [])].map((command) => `+${command}`);
  return ["resetkeys", "resetchannels", "-@all", ...connection, ...QUEUE_RIGHTS[login].map(toSelector)];
}

function toSelector({ commands, access, keys }: QueueRight): string {
  const patterns = keys.map((key) => `%${access}~${key}`);
  return `(-@all ${[...commands.map((command) => `+${command}`), ...patterns].join(" ")})`;
}

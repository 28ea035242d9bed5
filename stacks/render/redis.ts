/** Redis: its logins, and its memory. */
import { createHash } from "node:crypto";
import type { Passwords, QueueLogin } from "../config/passwords.ts";
import { QUEUE_LOGINS } from "../config/passwords.ts";
import { queueRules } from "./redis-rights.ts";

/** The share of its container's limit; the rest is for connections, streams' bookkeeping and a copy while it saves. */
const MEMORY_SHARE = 0.8;

const OPERATOR_RULES = ["~*", "&*", "+@all"];

/** `users.acl`: passwords as SHA-256, one user per role, the default user off (redis.io/docs, ACL). */
export function renderRedisAcl(passwords: Passwords["queue"]): string {
  const line = (login: QueueLogin) => {
    const hash = createHash("sha256").update(passwords[login]).digest("hex");
    return ["user", login, "on", `#${hash}`, ...(login === "operator" ? OPERATOR_RULES : queueRules(login))].join(" ");
  };
  return `user default off\n${QUEUE_LOGINS.map((login) => `${line(login)}\n`).join("")}`;
}

/**
 * `redis.conf`. Nothing is evicted: when it is full, Redis refuses writes, and the scheduler keeps tasks in flight below half of it. It saves to
 * disk once a second; lost data is sent again.
 */
export function renderRedisConf({ limitMiB, aclFile, directory }: { limitMiB: number; aclFile: string; directory: string }): string {
  return `bind * -::*
protected-mode yes
port 6379
tcp-keepalive 15
timeout 0
aclfile ${aclFile}
dir ${directory}
appendonly yes
appendfsync everysec
save ""
maxmemory ${redisMemoryMiB(limitMiB)}mb
maxmemory-policy noeviction
`;
}

/** The maxmemory of Redis in a container of `limitMiB`, in MiB; the scheduler's `ORB_IN_FLIGHT_MIB` is half of it. */
export const redisMemoryMiB = (limitMiB: number): number => Math.floor(limitMiB * MEMORY_SHARE);

/** Redis: who may log in, and how much it holds. */
import { createHash } from "node:crypto";
import type { Passwords, QueueLogin } from "../config/passwords.ts";
import { QUEUE_LOGINS } from "../config/passwords.ts";

/** Of its container's limit; what is left is for connections, streams' bookkeeping and a copy while it saves. */
const MEMORY_SHARE = 0.8;

/** What a role's commands are (services/core/queue); all roles run the same scripts over the same keys. */
const ROLE_RULES = [
  ...["~orb:*", "resetchannels", "-@all", "+@stream", "+get", "+set", "+mget", "+exists", "+expire", "+pexpire", "+multi", "+exec"],
  ...["+eval", "+evalsha", "+script|load", "+script|exists", "+info", "+ping", "+hello", "+auth", "+select", "+quit", "+reset"],
  ...["+client|setname", "+client|getname", "+client|id", "+client|no-evict"],
];
const OPERATOR_RULES = ["~*", "&*", "+@all"];

/** `users.acl`: passwords as SHA-256, one user a role, the default user off (redis.io/docs, ACL). */
export function renderRedisAcl(passwords: Passwords["queue"]): string {
  const line = (login: QueueLogin) => {
    const hash = createHash("sha256").update(passwords[login]).digest("hex");
    return ["user", login, "on", `#${hash}`, ...(login === "operator" ? OPERATOR_RULES : ROLE_RULES)].join(" ");
  };
  return `user default off\n${QUEUE_LOGINS.map((login) => `${line(login)}\n`).join("")}`;
}

/**
 * `redis.conf`. Nothing is evicted: what Redis cannot take is refused, and the scheduler keeps what is in flight below half of it. It saves to
 * disk once a second; what is lost all the same is put again.
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

/** What Redis may hold in a container of `limitMiB`, in MiB; the scheduler's `ORB_IN_FLIGHT_MIB` is half of it. */
export const redisMemoryMiB = (limitMiB: number): number => Math.floor(limitMiB * MEMORY_SHARE);

/** Compiled scripts on the Redis server: one expiring key per script, and a list of them. */
import type { Redis } from "ioredis";
import type { StoredScript } from "./queue.ts";
import { MAX_SCRIPT_BYTES, SCRIPT_KEPT_MS } from "./queue.ts";
import { SCRIPT_LIST_KEY, scriptKey } from "./redis-keys.ts";

export async function putScript(redis: Redis, script: { hash: string; project: string; compiled: string }): Promise<void> {
  const { hash, project, compiled } = script;
  // Listed first, because an unlisted script would stay until it expires.
  await redis.hset(SCRIPT_LIST_KEY, hash, `${Buffer.byteLength(compiled)} ${project}`);
  await redis.set(scriptKey(hash), compiled, "PX", SCRIPT_KEPT_MS);
}

export async function removeScripts(redis: Redis, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  await redis.del(...hashes.map(scriptKey));
  await redis.hdel(SCRIPT_LIST_KEY, ...hashes);
}

export async function listScripts(redis: Redis): Promise<StoredScript[]> {
  const listed = await redis.hgetall(SCRIPT_LIST_KEY);
  return Object.entries(listed).map(([hash, text]) => {
    const [bytes, project = ""] = text.split(" ");
    return { hash, project, bytes: Number(bytes) || MAX_SCRIPT_BYTES };
  });
}

/** The processes of all roles, as they note in Redis that they are alive. */
import type { Redis } from "ioredis";
import { JSON_LIMITS, parseJson } from "../protocol/json-limits.ts";
import { QUEUE_ROLES, type QueueRole, type Replica, type ReplicaFacts, replicaFacts } from "../protocol/replica.ts";
import { callFunction } from "./redis-connection.ts";
import { replicasKey } from "./redis-keys.ts";

/** @param facts undefined if the process ends. */
export async function announceReplica(redis: Redis, { role, id }: { role: QueueRole; id: string }, facts?: ReplicaFacts): Promise<void> {
  await callFunction(redis, { name: "announce", keys: [replicasKey(role)], args: [id, facts === undefined ? "" : JSON.stringify(facts)] });
}

/** In the order of the pipeline, the oldest of each role first. */
export async function listReplicas(redis: Redis): Promise<Replica[]> {
  const found = (await callFunction(redis, { name: "listReplicas", keys: QUEUE_ROLES.map(replicasKey), args: [] })) as (number | Buffer)[];
  const rows = Array.from({ length: found.length / 3 }, (_, row) => found.slice(row * 3, row * 3 + 3));
  const replicas = rows.flatMap(([number, id, facts]): Replica[] => {
    const role = QUEUE_ROLES[Number(number) - 1];
    const read = readFacts(String(facts));
    return role === undefined || read === undefined ? [] : [{ role, id: String(id), ...read }];
  });
  const order = ({ role }: Replica) => (QUEUE_ROLES as readonly string[]).indexOf(role);
  return replicas.sort((a, b) => order(a) - order(b) || a.startedAt - b.startedAt);
}

/** Undefined if a process of another version, or one that was taken over, wrote something else. */
function readFacts(text: string): ReplicaFacts | undefined {
  try {
    return replicaFacts.parse(parseJson(text, JSON_LIMITS.message));
  } catch {
    return undefined;
  }
}

import type { QueueMessages } from "../core/protocol/messages.ts";

/** Requested tasks per round, unless one outcome alone requests more: Postgres ends a transaction that is idle for 3 s. */
const TASKS_A_ROUND = 10_000;

type Status = { message: QueueMessages["status_queue"] };

const sizeOf = ({ message }: Status) => (message.kind === "outcome" ? message.follows.length + message.messages.length : 0);

/** The outcomes for the next round: all of them, or if they request too many tasks, those that request the fewest. At least one. */
export function selectOutcomeBatch<T extends Status>(leases: T[]): { now: T[]; later: T[] } {
  const total = leases.reduce((sum, lease) => sum + sizeOf(lease), 0);
  if (total <= TASKS_A_ROUND) return { now: leases, later: [] };
  const smallestFirst = leases.toSorted((a, b) => sizeOf(a) - sizeOf(b));
  let tasks = 0;
  const end = smallestFirst.findIndex((lease) => {
    tasks += sizeOf(lease);
    return tasks > TASKS_A_ROUND;
  });
  const count = Math.max(1, end);
  return { now: smallestFirst.slice(0, count), later: smallestFirst.slice(count) };
}

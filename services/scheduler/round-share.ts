import type { QueueMessages } from "../core/messages.ts";

/** Tasks asked for in one round, unless one outcome alone asks for more: Postgres ends a transaction in which nothing is said for 3 s. */
const TASKS_A_ROUND = 10_000;

type Status = { message: QueueMessages["status_queue"] };

const sizeOf = ({ message }: Status) => (message.kind === "outcome" ? message.follows.length + message.messages.length : 0);

/** What of all that has come goes into the next round: all, or if that asks for too many tasks, what asks for the fewest. At least one. */
export function shareOfRound<T extends Status>(leases: T[]): { now: T[]; later: T[] } {
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

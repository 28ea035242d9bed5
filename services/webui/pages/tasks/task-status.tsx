import type { TaskSummary } from "../api/types.ts";
import { formatDistance } from "../shell/amounts.ts";
import "./task-status.css";

/** A task's status, and the queue of an active one. */
export function TaskStatus({ task: { status, queue, exetime } }: { task: Pick<TaskSummary, "status" | "queue" | "exetime"> }) {
  return (
    <span className={`task-status ${status.toLowerCase()}`}>
      {status}
      {queue && <span className="muted"> {placeOf(queue, exetime)}</span>}
    </span>
  );
}

function placeOf(queue: NonNullable<TaskSummary["queue"]>, exetime: number): string {
  const now = Date.now() / 1_000;
  if (queue === "inFlight") return "in flight";
  if (queue === "hostBlocked") return "waits for its host";
  return queue === "waiting" && exetime > now ? `due ${formatDistance(exetime, now)}` : queue;
}

import type { Sql } from "../../core/store/sql.ts";

/** A message that was not processed because its workers crashed. */
export interface DeadLetter {
  project: string;
  taskid: string;
  /** Null if the task was deleted since. */
  url: string | null;
  /** Unix seconds. */
  time: number;
  queue: string;
  deliveries: number;
  /** At most 500 characters. */
  reason: string;
}

/** A request to the scheduler that it could not read. */
export interface RejectedRequest {
  id: number;
  /** The beginning of its text, at most 500 characters. */
  request: string;
  /** At most 500 characters. */
  reason: string;
  /** Unix seconds. */
  time: number;
}

const SHOWN = 100;

/** The newest 100 of each. */
export async function readDeadLetters(sql: Sql): Promise<{ messages: DeadLetter[]; requests: RejectedRequest[] }> {
  const [messages, requests] = await Promise.all([
    sql.query<DeadLetter>(
      `select dead.project, dead.taskid, tasks.url, dead.time, dead.evidence ->> 'queue' as queue,
         (dead.evidence ->> 'deliveries')::integer as deliveries, left(dead.evidence ->> 'reason', 500) as reason
       from (select * from dead_letters order by id desc limit ${SHOWN}) as dead left join tasks using (project, taskid)
       order by dead.id desc`,
    ),
    sql.query<RejectedRequest>(
      `select id, left(request, 500) as request, left(reason, 500) as reason, time from rejected_requests order by id desc limit ${SHOWN}`,
    ),
  ]);
  return { messages, requests };
}

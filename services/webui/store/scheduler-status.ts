import type { Sql } from "../../core/store/sql.ts";

/** The current scheduler. */
export interface SchedulerStatus {
  /** Whether a scheduler holds the lease now. */
  isActive: boolean;
  /** Grows at each takeover. */
  epoch: number;
  /** The last holder; empty before the first. */
  holder: string;
  /** Rows of the inbox that it could not read; they are in the table `rejected_requests`. */
  rejectedRequests: number;
}

/** Reads the scheduler's lease. */
export async function readSchedulerStatus(sql: Sql): Promise<SchedulerStatus> {
  const [status] = await sql.query<SchedulerStatus>(
    `select coalesce(expires > now(), false) as "isActive", epoch, holder,
       (select count(*) from rejected_requests) as "rejectedRequests"
     from scheduler_lease`,
  );
  return status ?? { isActive: false, epoch: 0, holder: "", rejectedRequests: 0 };
}

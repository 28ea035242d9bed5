import type { Sql } from "./sql.ts";

/** Who schedules. */
export interface SchedulerStatus {
  /** Whether a scheduler holds the lease right now. */
  isActive: boolean;
  /** Grows at each takeover. */
  epoch: number;
  /** The last that held it; empty before the first. */
  holder: string;
}

/** Reads the scheduler's lease. */
export async function readSchedulerStatus(sql: Sql): Promise<SchedulerStatus> {
  const [status] = await sql.query<SchedulerStatus>(
    `select coalesce(expires > now(), false) as "isActive", epoch, holder from scheduler_lease`,
  );
  return status ?? { isActive: false, epoch: 0, holder: "" };
}

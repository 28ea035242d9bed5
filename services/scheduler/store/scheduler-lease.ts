/** The scheduler's lease: one row, a holder, and an epoch that grows at each takeover. Time is the database's. */
import type { Sql } from "../../core/store/sql.ts";

/** Takes the lease if it has expired (or is held under our name). Returns the new epoch, or undefined while another process holds it. */
export async function takeLease(sql: Sql, holder: string, leaseMs: number): Promise<number | undefined> {
  const [row] = await sql.query<{ epoch: number }>(
    `update scheduler_lease set epoch = epoch + 1, holder = $1, expires = clock_timestamp() + $2 * interval '1 millisecond'
     where expires < clock_timestamp() returning epoch`,
    [holder, leaseMs],
  );
  return row?.epoch;
}

/** Extends the lease by `leaseMs`; false if another epoch has begun. An expired lease that was not taken over is still ours. */
export async function renewLease(sql: Sql, epoch: number, leaseMs: number): Promise<boolean> {
  const rows = await sql.query(
    "update scheduler_lease set expires = clock_timestamp() + $2 * interval '1 millisecond' where epoch = $1 returning epoch",
    [epoch, leaseMs],
  );
  return rows.length === 1;
}

/** Inside a transaction: false if another epoch has begun. While the transaction is open, no process can take over the lease. */
export async function fence(sql: Sql, epoch: number): Promise<boolean> {
  return (await sql.query("select epoch from scheduler_lease where epoch = $1 for share", [epoch])).length === 1;
}

/** Expires the lease, so that a standby takes over immediately. */
export async function dropLease(sql: Sql, epoch: number): Promise<void> {
  await sql.query("update scheduler_lease set expires = '-infinity' where epoch = $1", [epoch]);
}

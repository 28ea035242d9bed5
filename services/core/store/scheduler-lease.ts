/** The scheduler's lease: one row, a holder, and an epoch that grows at each takeover. Time is the database's. */
import type { Sql } from "./sql.ts";

/** Takes the lease if it has run out (or is ours by name); the new epoch, or undefined while another holds it. */
export async function takeLease(sql: Sql, holder: string, leaseMs: number): Promise<number | undefined> {
  const [row] = await sql.query<{ epoch: number }>(
    `update scheduler_lease set epoch = epoch + 1, holder = $1, expires = clock_timestamp() + $2 * interval '1 millisecond'
     where expires < clock_timestamp() returning epoch`,
    [holder, leaseMs],
  );
  return row?.epoch;
}

/** Holds the lease for another `leaseMs`; false when another epoch has begun. An expired lease that nobody took is still ours. */
export async function renewLease(sql: Sql, epoch: number, leaseMs: number): Promise<boolean> {
  const rows = await sql.query(
    "update scheduler_lease set expires = clock_timestamp() + $2 * interval '1 millisecond' where epoch = $1 returning epoch",
    [epoch, leaseMs],
  );
  return rows.length === 1;
}

/** Inside a transaction: false when another epoch has begun. While it is open nobody can take the lease over. */
export async function fence(sql: Sql, epoch: number): Promise<boolean> {
  return (await sql.query("select epoch from scheduler_lease where epoch = $1 for share", [epoch])).length === 1;
}

/** Lets a standby take over at once. */
export async function dropLease(sql: Sql, epoch: number): Promise<void> {
  await sql.query("update scheduler_lease set expires = '-infinity' where epoch = $1", [epoch]);
}

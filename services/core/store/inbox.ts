import type { InboxRequest } from "../protocol/messages.ts";
import type { Sql } from "./sql.ts";

/** Adds one request in the transaction of `sql`; the caller pokes the scheduler afterwards. The row stays until a scheduler has applied it. */
export async function addToInbox(sql: Sql, request: InboxRequest): Promise<void> {
  await sql.query("insert into inbox (request) values ($1::json)", [JSON.stringify(request)]);
}

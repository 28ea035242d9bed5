import type { InboxRequest } from "../protocol/messages.ts";
import type { Sql } from "./sql.ts";

/** Adds requests in this order, in the transaction of `sql`; the caller pokes the scheduler afterwards. A row stays until a scheduler has applied it. */
export async function addToInbox(sql: Sql, ...requests: InboxRequest[]): Promise<void> {
  await sql.query(
    "insert into inbox (request) select request::json from unnest($1::text[]) with ordinality as given (request, place) order by place",
    [requests.map((request) => JSON.stringify(request))],
  );
}

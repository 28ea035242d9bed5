import type { Follow } from "../task.ts";
import type { Sql } from "./sql.ts";

/** What the web UI asks of the scheduler, which alone writes tasks. Durable: a request waits until a scheduler has applied it. */
export type InboxRequest =
  /** New tasks, as if a callback had asked for them. */
  | { kind: "follows"; project: string; follows: Follow[] }
  /** The project's row was written. */
  | { kind: "project"; project: string }
  /** Remove the project with its tasks and results. */
  | { kind: "delete"; project: string };

/** Adds one request, in the transaction of `sql`; the caller pokes the scheduler afterwards. */
export async function addToInbox(sql: Sql, request: InboxRequest): Promise<void> {
  await sql.query("insert into inbox (request) values ($1::json)", [JSON.stringify(request)]);
}

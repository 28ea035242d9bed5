import type { Sql } from "../../core/store/sql.ts";

/** The session id that means every session that began before its row's time. */
export const ALL_SESSIONS = "*";

/** The end of each ended session, in unix milliseconds, by the session's id. */
export async function readEndedSessions(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql.query<{ session: string; ended: number }>("select session, ended from ended_sessions");
  return new Map(rows.map(({ session, ended }) => [session, Number(ended)]));
}

/** Ends a session, or all of them, and removes those that ended before `expired`. Times in unix milliseconds. */
export async function endSession(sql: Sql, session: string, { ended, expired }: { ended: number; expired: number }): Promise<void> {
  await sql.query(
    `insert into ended_sessions (session, ended) values ($1, $2)
     on conflict (session) do update set ended = greatest(ended_sessions.ended, excluded.ended)`,
    [session, ended],
  );
  await sql.query("select forget_ended_sessions($1)", [expired]);
}

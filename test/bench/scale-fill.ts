/** Fills the scheduler's tables by SQL, as a fleet of many projects would have them after a while. */
import { createHash } from "node:crypto";
import type { ScriptInfo } from "../../services/core/protocol/messages.ts";
import type { Database } from "../../services/core/store/sql.ts";

export const PROJECTS = 1_000;
const SCRIPT_INFO: ScriptInfo = { fetchDefaults: {}, every: [], hasOnFinished: false };
/** Indexes are made after the rows: ten times faster. */
const INDEXED = "select indexname, indexdef from pg_indexes where tablename = 'tasks' and indexname <> 'tasks_pkey'";

/**
 * Half of all tasks belong to one project, the others have equal shares. Of ten tasks four are due, one waits for its time within the next day, four have
 * succeeded and one has failed. Priorities are 0 to 3.
 */
export async function fillTasks(database: Database, tasks: number): Promise<void> {
  await database.exec("truncate projects, tasks, inbox, project_totals, counters");
  await database.query(
    `insert into projects (name, status, script_hash, info, info_hash, rate, burst)
     select 'project_' || n, 'RUNNING', 'hash', $1, 'hash', 1e9, 1e9 from generate_series(0, $2 - 1) as n`,
    [JSON.stringify(SCRIPT_INFO), PROJECTS],
  );
  const indexes = await database.query<{ indexname: string; indexdef: string }>(INDEXED);
  for (const { indexname } of indexes) await database.exec(`drop index ${indexname}`);
  await database.query(
    `insert into tasks (project, taskid, url, status, queue, priority, exetime, schedule, "fetch", process, track, lastcrawltime, updatetime)
     select 'project_' || case when n % 2 = 0 then 0 else 1 + n / 2 % ($2 - 1) end, md5(n::text), 'http://site-' || n % 1000 || '.test/page/' || n,
       case when kind < 5 then 1 when kind < 9 then 2 else 3 end, case when kind < 4 then 1 when kind = 4 then 2 end, n / 20 % 4,
       case when kind = 4 then extract(epoch from now()) + 60 + n % 86400 else 0 end, '{}', '{}', '{"callback":"page"}',
       case when kind > 4 then $3::json end, case when kind > 4 then extract(epoch from now()) - n % 864000 end, extract(epoch from now()) - n % 864000
     from (select n, n / 2 * 7 % 10 as kind from generate_series(0, $1 - 1) as n) as numbers`,
    [tasks, PROJECTS, JSON.stringify(TRACK)],
  );
  for (const { indexdef } of indexes) await database.exec(indexdef);
  await database.exec(
    `insert into project_totals (project, pending, success, failed)
     select project, count(*) filter (where status = 1), count(*) filter (where status = 2), count(*) filter (where status = 3) from tasks group by 1`,
  );
  for (const statement of ["vacuum analyze", "checkpoint"]) await database.exec(statement);
}

/** The id of the task whose number is `n`. */
export const taskidOf = (n: number) => createHash("md5").update(String(n)).digest("hex");

/** The number of a task of the same project as task `n`; there are `tasks` of them in all. */
export function anotherOfProject(n: number, tasks: number, random: number): number {
  if (n % 2 === 0) return 2 * Math.floor((random * tasks) / 2);
  const step = 2 * (PROJECTS - 1);
  const first = n % step;
  return first + step * Math.floor(random * Math.max(1, Math.floor((tasks - first) / step)));
}

/** What an ordinary page leaves behind. */
const TRACK = {
  fetch: { ok: true, statusCode: 200, timeMs: 120, bytes: 51_200, etag: '"5f3759df-c800"', lastModified: "Mon, 02 Mar 2026 10:00:00 GMT" },
  process: { ok: true, timeMs: 3, follows: 20, logs: "" },
  scriptHash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
};

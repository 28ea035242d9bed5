/**
 * Question: what does `GET /counters` cost on a busy day, and does another query wait for it?
 * Workload: an embedded Postgres with a day of windows of 10 s for each of `PROJECTS` projects (50), tidied as the scheduler does every minute. 30 reads,
 *           one at a time, as many as the web UI has with any number of clients (services/webui/paced.ts). Meanwhile another pool selects a project.
 * Run:      node_modules/.bin/node test/bench/counters.bench.ts [PROJECTS]
 * Reports:  one JSON line: windows; of one tidying a minute later, and of one read, milliseconds and, for the read, CPU of the server and of this
 *           process; milliseconds of the other query, without and with reads.
 * Not:      a measure of HTTP.
 */
import { join } from "node:path";
import { startEmbedded } from "../../services/core/store/embedded.ts";
import type { Database } from "../../services/core/store/sql.ts";
import { tidyCounters } from "../../services/scheduler/store/scheduler-projects.ts";
import { readCounters } from "../../services/webui/store/counter-queries.ts";
import { addProject } from "../fixtures/database.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { treeCpuSeconds } from "./process-tree.ts";

const READS = 30;
const DAY_SECONDS = 86_400;
const projects = Number(process.argv[2] ?? 50);
const now = Math.floor(Date.now() / 1_000);

using directory = temporaryDirectory();
await using server = await startEmbedded(join(directory.path, "database"), { isDurable: false });
const reader = await server.connect();
const other = await server.connect();
try {
  await fill(other);
  await tidyCounters(other, now);
  await other.exec("vacuum analyze counters");
  const [{ windows } = { windows: 0 }] = await reader.query<{ windows: number }>("select count(*) as windows from counters");
  const alone = await repeat(READS, () => selectProject(other));
  const cpu = treeCpuSeconds(process.pid);
  const read = await repeat(READS, () => readCounters(reader, now));
  const cpuMs = ((treeCpuSeconds(process.pid) - cpu) * 1_000) / READS;
  const again = repeat(READS, () => readCounters(reader, now));
  const meanwhile = await repeat(READS, () => selectProject(other));
  await again;
  const tidyMs = (await repeat(1, () => tidyCounters(other, now + 60)))[0];
  const figures = {
    projects,
    windows,
    read: spread(read),
    readCpuMs: cpuMs,
    otherAlone: spread(alone),
    otherMeanwhile: spread(meanwhile),
    tidyMs,
  };
  process.stdout.write(`${JSON.stringify(figures, (_, value) => (typeof value === "number" ? Math.round(value * 10) / 10 : value))}\n`);
} finally {
  await Promise.all([reader.close(), other.close()]);
}

async function fill(database: Database): Promise<void> {
  for (let n = 0; n < projects; n++) await addProject(database, `busy_${n}`);
  await database.query(
    `insert into counters select 'busy_' || n, at - at % 10, 1, 2, 3, 4, 5.5, 6.5
     from generate_series(0, $1::int - 1) n, generate_series($2::bigint, $3::bigint - 1, 10) at`,
    [projects, now - DAY_SECONDS, now],
  );
}

function selectProject(database: Database) {
  return database.query("select * from projects where name = 'busy_0'");
}

/** Milliseconds of each call, one after the other. */
async function repeat(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < times; n++) {
    const began = performance.now();
    await work();
    taken.push(performance.now() - began);
  }
  return taken;
}

function spread(values: number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  return { medianMs: sorted[Math.floor(sorted.length / 2)], maxMs: sorted.at(-1) };
}

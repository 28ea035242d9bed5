/** The end state of a crawl under faults, and the expected one. */

import { expectedPages, failsForEver, pageKind } from "../../demo/site-kinds.ts";
import type { QueueDepth, QueueName, Queues } from "../../services/core/queue/queue.ts";
import type { Sql } from "../../services/core/store/sql.ts";
import { tellsLedger } from "./fault-scripts.ts";

/** Everything in one form that compares line by line. */
export interface EndState {
  /** `url STATUS`, sorted. */
  tasks: string[];
  /** `url title`, sorted. */
  results: string[];
  /** The pages that were reported to the ledger, sorted; a page that was reported twice is listed twice. */
  messages: number[];
  /** Seconds between the first tick and the last that were not reported to the ledger, or more than once. */
  badTicks: string[];
  /** Rows that no longer stand for anything: tasks due, waiting or in flight, requests, dead letters, unreadable messages. */
  leftOver: string[];
  /** What the counters of the project say. */
  totals: { pending: number; success: number; failed: number };
}

interface Site {
  origin: string;
  pages: number;
  rendered: boolean;
}

/** What the site alone decides. */
export function expectedEnd({ origin, pages, rendered }: Site): EndState {
  const numbers = Array.from({ length: pages }, (_, index) => index + 1);
  const scripted = rendered ? numbers.filter((n) => pageKind(n) === "script") : [];
  const failed = numbers.filter(failsForEver);
  const tasks = [
    `data:,on_start SUCCESS`,
    `${origin}/ SUCCESS`,
    ...numbers.map((n) => `${origin}/page/${n} ${failsForEver(n) ? "FAILED" : "SUCCESS"}`),
    ...scripted.map((n) => `${origin}/page/${n}#rendered SUCCESS`),
  ];
  const results = [
    `${origin}/ Home`,
    ...expectedPages(pages).map(({ number, finalPath, title, plainTitle }) => {
      const isRendered = rendered && pageKind(number) === "script";
      return `${origin}${finalPath} ${isRendered ? title : plainTitle}`;
    }),
  ];
  return {
    tasks: tasks.sort(),
    results: results.sort(),
    messages: numbers.filter((n) => tellsLedger(n) && !failsForEver(n)),
    badTicks: [],
    leftOver: [],
    totals: { pending: 0, success: tasks.length - failed.length, failed: failed.length },
  };
}

const STATUS = ["", "ACTIVE", "SUCCESS", "FAILED", "BAD"];

/** Reads the end state; `ticks` are the completed ones in the ledger. */
export async function readEnd(database: Sql): Promise<EndState> {
  const tasks = await database.query<{ url: string; status: number }>(
    "select url, status from tasks where project = 'site' and not starts_with(taskid, '_')",
  );
  const results = await database.query<{ result: { url: string; title: string } }>("select result from results where project = 'site'");
  const told = await database.query<{ result: { page?: number; tick?: number } }>("select result from results where project = 'ledger'");
  const [totals] = await database.query<EndState["totals"]>("select pending, success, failed from project_totals where project = 'site'");
  return {
    tasks: tasks.map(({ url, status }) => `${url} ${STATUS[status]}`).sort(),
    results: results.map(({ result }) => `${result.url.replace("#rendered", "")} ${result.title}`).sort(),
    messages: numbers(told.map(({ result }) => result.page)),
    badTicks: badTicks(numbers(told.map(({ result }) => result.tick))),
    leftOver: await leftOver(database),
    totals: totals ?? { pending: -1, success: -1, failed: -1 },
  };
}

const numbers = (values: (number | undefined)[]) => values.filter((value) => value !== undefined).sort((a, b) => a - b);

/** Ticks occur each second; each is reported once. */
function badTicks(ticks: number[]): string[] {
  return ticks.slice(1).flatMap((tick, index) => {
    const gap = tick - (ticks[index] ?? 0);
    return gap === 1 ? [] : [gap === 0 ? `${tick} twice` : `${gap - 1} missing before ${tick}`];
  });
}

async function leftOver(database: Sql): Promise<string[]> {
  const rows = await database.query<{ what: string }>(
    `select 'task ' || project || ' ' || taskid || ' queue ' || queue as what from tasks where queue is not null or attempt is not null
     union all select 'request ' || request::text from inbox
     union all select 'dead letter ' || project || ' ' || taskid || ' ' || evidence::text from dead_letters`,
  );
  return rows.map(({ what }) => what);
}

/** True when nothing of these projects is pending and no request waits. */
export async function isDone(database: Sql, projects: string[]): Promise<boolean> {
  const [row] = await database.query<{ done: boolean }>(
    `select not exists (select 1 from inbox) and not exists (select 1 from tasks where project = any ($1) and queue is not null) as done`,
    [projects],
  );
  return row?.done ?? false;
}

/** The queues that hold something. */
export async function waitingIn(queues: Queues): Promise<string[]> {
  const depth: Record<QueueName, QueueDepth> = await queues.depth();
  return Object.entries(depth)
    .filter(([, { ready, leased }]) => ready + leased > 0)
    .map(([queue, { ready, leased }]) => `${queue}: ${ready} ready, ${leased} leased`);
}

/** One sample of the scale measure, in a separate process: `node scale-sample.ts DATABASE_URL TASKS` prints its figures as one line of JSON. */
import { randomUUID } from "node:crypto";
import { KIB } from "../../services/core/protocol/byte-units.ts";
import type { Outcome } from "../../services/core/protocol/messages.ts";
import type { Follow } from "../../services/core/protocol/task.ts";
import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import { createLog } from "../../services/core/runtime/log.ts";
import { connectPostgres } from "../../services/core/store/postgres.ts";
import type { Database } from "../../services/core/store/sql.ts";
import { dispatch } from "../../services/scheduler/dispatch.ts";
import { schedulerDefaults } from "../../services/scheduler/env.ts";
import { takeIn } from "../../services/scheduler/intake.ts";
import { applyOutcomes } from "../../services/scheduler/outcomes.ts";
import { RoundCounters } from "../../services/scheduler/round-counters.ts";
import { runScheduler } from "../../services/scheduler/run.ts";
import { SeenTasksLoader } from "../../services/scheduler/seen-tasks-loader.ts";
import { SchedulerState } from "../../services/scheduler/state.ts";
import { readPending, readProjects } from "../../services/scheduler/store/scheduler-projects.ts";
import { projectsWithDueTasks, returnInFlight } from "../../services/scheduler/store/scheduling.ts";
import { toOutcome } from "../fixtures/pipeline.ts";
import { createRandom } from "../fixtures/random.ts";
import { anotherOfProject, taskidOf } from "./scale-fill.ts";

/** Not counted: caches are as after some seconds of work. */
const WARM_UP_TASKS = 2_000;
const MEASURED_TASKS = 20_000;
/** Outcomes a round, as a busy scheduler has them. */
const ROUND_TASKS = 200;
/** Links of a page to pages that are not known yet, and to others of the same project. */
const NEW_FOLLOWS = 2;
const KNOWN_FOLLOWS = 18;
const SEED = 1;
const settings = { ...schedulerDefaults, credit: { ...schedulerDefaults.credit, tasks: ROUND_TASKS }, failuresToPause: 0 };

const [url = "", tasks = ""] = process.argv.slice(2);
const database = await connectPostgres(url);
const startSeconds = await measureStart(database);
const state = await loadState(database);
const random = createRandom(SEED);
/** Of what was dispatched last. */
let outcomes: Outcome[] = [];
const first = await measureRounds(Number(tasks));
const loadSeconds = await measureLoading(database);
const later = await measureRounds(Number(tasks));
const perTask = (ms: number) => (ms * 1_000) / MEASURED_TASKS;
const figures = {
  startSeconds,
  selectionMicrosecondsPerTask: perTask(first.selection),
  endingMicrosecondsPerTask: perTask(first.ending),
  intakeMicrosecondsPerTask: perTask(first.intake),
  loadSeconds,
  intakeOnceRecalledMicrosecondsPerTask: perTask(later.intake),
  peakMiB: process.resourceUsage().maxRSS / KIB,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
await database.close();

/** From the start of a scheduler until its first order can be fetched. */
async function measureStart(database: Database): Promise<number> {
  const queues = createMemoryQueues();
  const stop = new AbortController();
  const began = performance.now();
  const running = runScheduler({ database, queues, settings, signal: stop.signal, log: createLog("bench", "warn") });
  const leases = await queues.lease("scheduler2fetcher", { max: 1, waitMs: 600_000, signal: stop.signal });
  const seconds = (performance.now() - began) / 1_000;
  stop.abort();
  await running;
  if (leases.length === 0) throw new Error("nothing was dispatched");
  return seconds;
}

/** What all steps take together; a scheduler spreads them over ten times as long. */
async function measureLoading(database: Database): Promise<number> {
  const loader = new SeenTasksLoader(state);
  const began = performance.now();
  while (await loader.step(database));
  return (performance.now() - began) / 1_000;
}

/** Rounds as `round.ts` has them, each step timed by itself. Milliseconds. */
async function measureRounds(tasks: number): Promise<{ selection: number; ending: number; intake: number }> {
  let spent = { selection: 0, ending: 0, intake: 0 };
  for (let done = -WARM_UP_TASKS; done < MEASURED_TASKS; done += outcomes.length) {
    if (done === 0) spent = { selection: 0, ending: 0, intake: 0 };
    const orders = await database.transaction(async (sql) => {
      const now = Date.now() / 1_000;
      const roundCounters = new RoundCounters(state);
      const lap = stopWatch();
      const requests = await applyOutcomes(sql, outcomes, { state, settings, roundCounters, now });
      spent.ending += lap();
      await takeIn(sql, requests, { state, roundCounters, now });
      spent.intake += lap();
      const dispatched = await dispatch(sql, { state, settings, pagesLeft: Infinity, now }, new Set());
      spent.selection += lap();
      return dispatched;
    });
    outcomes = orders.map((order) => toOutcome(order, { follows: followsOf(Number(order.url.split("/").at(-1)), tasks, random.next) }, ""));
    if (outcomes.length !== ROUND_TASKS) throw new Error(`${outcomes.length} tasks were dispatched, not ${ROUND_TASKS}`);
  }
  return spent;
}

function stopWatch(): () => number {
  let last = performance.now();
  return () => {
    const before = last;
    last = performance.now();
    return last - before;
  };
}

async function loadState(database: Database): Promise<SchedulerState> {
  const state = new SchedulerState();
  await returnInFlight(database);
  for (const record of await readProjects(database)) state.setRecord(record);
  for (const { project, pending } of await readPending(database)) Object.assign(state.projects.get(project) ?? {}, { pending });
  for (const project of await projectsWithDueTasks(database)) state.due.add(project);
  return state;
}

function followsOf(n: number, tasks: number, random: () => number): Follow[] {
  const known = Array.from({ length: KNOWN_FOLLOWS }, () => anotherOfProject(n, tasks, random()));
  const process = { callback: "page" };
  return [
    ...Array.from({ length: NEW_FOLLOWS }, () => ({
      taskid: randomUUID().replaceAll("-", ""),
      url: `http://site.test/page/${n}`,
      process,
    })),
    ...known.map((number) => ({ taskid: taskidOf(number), url: `http://site.test/page/${number}`, process })),
  ];
}

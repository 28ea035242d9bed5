/**
 * Question: how many tasks a second go through one hop of the queue: put, lease, complete with the resulting message?
 * Workload: 20,000 pages of 5 KB from `fetcher2processor` to an outcome in `processor2result`, in batches of 100 as a processor takes them.
 * Run:      ./orb bench queue-memory queue-redis        (one process a sample)
 * Reports:  tasks/s and CPU seconds a thousand tasks of that process, Redis not included.
 * Compare:  one against the other: what separate processes cost.
 * Not:      many processes at one Redis.
 */

import type { FetchedPage } from "../../services/core/protocol/messages.ts";
import { TIME_LIMITS } from "../../services/core/protocol/time-limits.ts";
import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import type { Put, Queues } from "../../services/core/queue/queue.ts";
import { connectRedisQueues } from "../../services/core/queue/redis.ts";
import { createLog } from "../../services/core/runtime/log.ts";
import { toOutcome } from "../fixtures/pipeline.ts";
import { startRedis } from "../fixtures/redis-server.ts";
import { report, startWatch } from "./stop-watch.ts";

const TASKS = 20_000;
const WARM_UP_TASKS = 2_000;
const BATCH = 100;
const BODY_BYTES = 5_000;

await using redis = process.argv[2] === "redis" ? await startRedis() : undefined;
const log = createLog("bench", "warn");
const queues = redis ? await connectRedisQueues({ url: redis.url, leaseMs: TIME_LIMITS.leaseMs, log }) : createMemoryQueues();
const { signal } = new AbortController();

await passThrough(queues, WARM_UP_TASKS);
const watch = startWatch();
await passThrough(queues, TASKS);
report("tasks", TASKS, watch());
await queues.close();

async function passThrough(queues: Queues, tasks: number): Promise<void> {
  for (let done = 0; done < tasks; ) {
    await queues.put(Array.from({ length: BATCH }, (_, n): Put => ({ queue: "fetcher2processor", message: fetchedPage(done + n) })));
    const pages = await queues.lease("fetcher2processor", { max: BATCH, waitMs: 1_000, signal });
    const outcomeOf = ({ order }: FetchedPage) => toOutcome(order, { results: ["{}"] }, "run");
    await queues.complete(pages.map((lease) => ({ lease, puts: [{ queue: "processor2result", message: outcomeOf(lease.message) }] })));
    const outcomes = await queues.lease("processor2result", { max: BATCH, waitMs: 1_000, signal });
    await queues.complete(outcomes.map((lease) => ({ lease, puts: [] })));
    done += outcomes.length;
  }
}

function fetchedPage(n: number): FetchedPage {
  const url = `http://site.test/page/${n}`;
  return {
    order: {
      project: "bench",
      taskid: String(n),
      attempt: n,
      url,
      fetch: {},
      process: { callback: "page" },
      scriptHash: "",
      debug: false,
      retried: 0,
    },
    page: {
      url,
      origUrl: url,
      statusCode: 200,
      headers: { "content-type": "text/html" },
      cookies: {},
      content: Buffer.alloc(BODY_BYTES),
      timeMs: 1,
    },
  };
}

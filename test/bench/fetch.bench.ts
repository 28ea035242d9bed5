/**
 * Question: how many pages a second can one fetcher take from queue to queue when the network costs nothing?
 * Workload: 20,000 orders in memory, pages of 5 KB on loopback, 100 at a time; the first 1,000 are not counted.
 * Run:      ./orb bench fetch        (one process a sample)
 * Reports:  pages/s and CPU seconds a thousand pages of that process, without its start.
 * Compare:  undici's own `dispatch` on the same machine and site is the limit.
 * Not:      crawl speed: nothing is parsed, scheduled or stored. No DNS, no TLS.
 */

import type { FetchOrder } from "../../services/core/protocol/messages.ts";
import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import type { Put, Queues } from "../../services/core/queue/queue.ts";
import { createLog } from "../../services/core/runtime/log.ts";
import { runFetcher } from "../../services/fetcher/run.ts";
import { fetcherDefaults } from "../../services/fetcher/settings.ts";
import { startBenchSite } from "./site.ts";
import { report, startWatch } from "./stop-watch.ts";

const ORDERS = 20_000;
const WARM_UP_ORDERS = 1_000;
const SITE_PAGES = 1_000;

await using site = await startBenchSite(SITE_PAGES);
const queues = createMemoryQueues();
const stop = new AbortController();
const settings = { ...fetcherDefaults, allowAddresses: ["127.0.0.0/8"] };
const running = runFetcher({ queues, settings, signal: stop.signal, log: createLog("bench", "warn") });

await fetchAll(queues, WARM_UP_ORDERS);
const watch = startWatch();
await fetchAll(queues, ORDERS);
report("pages", ORDERS, watch());
stop.abort();
await running;

async function fetchAll(queues: Queues, orders: number): Promise<void> {
  await queues.put(Array.from({ length: orders }, (_, n): Put => ({ queue: "scheduler2fetcher", message: order(n) })));
  for (let done = 0; done < orders; ) {
    const leases = await queues.lease("fetcher2processor", { max: 500, waitMs: 1_000, signal: stop.signal });
    for (const { message } of leases) if (message.page.statusCode !== 200) throw new Error(`a page failed: ${message.page.error?.message}`);
    await queues.complete(leases.map((lease) => ({ lease, puts: [] })));
    done += leases.length;
  }
}

function order(n: number): FetchOrder {
  const url = new URL(`/page/${(n % (SITE_PAGES - 1)) + 1}`, site.seed).href;
  return {
    project: "bench",
    taskid: String(n),
    attempt: n,
    url,
    fetch: {},
    process: { callback: "page" },
    scriptHash: "",
    debug: false,
    retried: 0,
  };
}

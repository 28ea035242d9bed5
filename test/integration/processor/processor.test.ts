import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { FetchedPage, Outcome } from "../../../services/core/protocol/messages.ts";
import { createMemoryQueues } from "../../../services/core/queue/memory.ts";
import type { Queues } from "../../../services/core/queue/queue.ts";
import { processorDefaults } from "../../../services/processor/env.ts";
import { runProcessor } from "../../../services/processor/run.ts";
import { pageOf, projectOf, quietLog } from "../../fixtures/sandbox.ts";
import { until } from "../../fixtures/until.ts";

const SOURCE = `import { Crawler, catchStatusCodeError, type Response } from "orbweaver";
export default class Books extends Crawler {
  list(response: Response) {
    this.crawl(response.doc("a"), { callback: this.book });
  }
  book(response: Response) {
    return { title: response.doc("h1").text() };
  }
  @catchStatusCodeError
  any(response: Response) {
    return response.statusCode;
  }
  loops() {
    for (;;);
  }
  large() {
    return "x".repeat(1_000_000);
  }
}`;
const books = await projectOf("books", SOURCE);

/** A processor on queues of its own that drains when its block ends. */
async function startProcessor(changes: Partial<Queues> = {}) {
  const queues = Object.assign(createMemoryQueues(), changes);
  const stop = new AbortController();
  const settings = { ...processorDefaults, scriptProcesses: 2, processLimitMs: 1_000 };
  const running = runProcessor({ queues, settings, signal: stop.signal, log: quietLog });
  running.catch(() => {});
  return {
    queues,
    async send(pages: (FetchedPage & { compiled: string })[]) {
      for (const { order, compiled } of pages) await queues.putScript({ hash: order.scriptHash, project: order.project, compiled });
      await queues.put(pages.map(({ order, page }) => ({ queue: "fetcher2processor", message: { order, page } })));
    },
    async stop() {
      stop.abort();
      await running;
    },
    async [Symbol.asyncDispose]() {
      await this.stop();
      await queues.close();
    },
  };
}

/** Waits for so many outcomes, in the order of their attempts. */
async function outcomes(queues: Queues, count: number): Promise<Outcome[]> {
  const found: Outcome[] = [];
  const signal = AbortSignal.timeout(15_000);
  while (found.length < count) {
    const leases = await queues.lease("processor2result", { max: count, waitMs: 1_000, signal });
    assert.equal(signal.aborted, false, `${found.length} of ${count} outcomes came`);
    found.push(...leases.map(({ message }) => message));
    await queues.complete(leases.map((lease) => ({ lease, puts: [] })));
  }
  return found.sort((a, b) => a.attempt - b.attempt);
}

test("pages become outcomes with follows and results", async () => {
  await using processor = await startProcessor();
  const pages = [books("list", { page: pageOf("<a href='/1'>1</a><a href='/2'>2</a>") }), books("book", { page: pageOf("<h1>One</h1>") })];

  await processor.send(pages);
  const [list, book] = await outcomes(processor.queues, 2);

  assert.deepEqual(
    list?.follows.map(({ url, process }) => [url, process.callback]),
    [
      ["http://site.test/1", "book"],
      ["http://site.test/2", "book"],
    ],
  );
  assert.equal(list?.results, null);
  assert.deepEqual(book?.results, ['{"title":"One"}']);
  assert.notEqual(list?.run, book?.run);
  assert.equal((await processor.queues.depth()).fetcher2processor.leased, 0);
});

test("an error page fails the task unless the callback catches it, and 304 runs no callback", async () => {
  await using processor = await startProcessor();
  const gone = pageOf("gone", { statusCode: 404 });
  const lost = pageOf("", { statusCode: 599, error: { code: "E_DNS", message: "no such host", retryable: true } });
  const same = pageOf("", { statusCode: 304 });

  await processor.send([
    books("book", { page: gone }),
    books("any", { page: gone }),
    books("book", { page: lost }),
    books("any", { page: lost }),
    books("book", { page: same }),
  ]);
  const found = await outcomes(processor.queues, 5);

  assert.deepEqual(
    found.map(({ fetch, process, results }) => [fetch.ok, process.ok, process.error?.code, results]),
    [
      [false, false, "E_PAGE_STATUS", null],
      [false, true, undefined, ["404"]],
      [false, false, "E_DNS", null],
      [false, true, undefined, ["599"]],
      [true, true, undefined, null],
    ],
  );
});

test("a hanging script fails only its own task", async () => {
  await using processor = await startProcessor();
  const other = await projectOf("other", SOURCE);

  await processor.send([books("loops"), books("book"), other("book")]);
  const found = await outcomes(processor.queues, 3);

  assert.deepEqual(
    found.map(({ project, process }) => [project, process.error?.code]),
    [
      ["books", "E_SCRIPT_TIMEOUT"],
      ["books", undefined],
      ["other", undefined],
    ],
  );
});

test("a page without a stored script fails with E_SCRIPT_MISSING, which is retryable", async () => {
  await using processor = await startProcessor({ getScript: async () => undefined });

  await processor.send([books("book")]);
  const [outcome] = await outcomes(processor.queues, 1);

  assert.equal(outcome?.process.error?.code, "E_SCRIPT_MISSING");
  assert.equal(outcome?.process.error?.retryable, true);
});

test("a page whose script was replaced fails with E_SCRIPT_HASH and is retried, and other pages continue", async () => {
  const other = await projectOf("other", `${SOURCE}// other`);
  const getScript = createMemoryQueues().getScript;
  await using processor = await startProcessor({
    async getScript(this: Queues, hash: string) {
      const compiled = await getScript.call(this, hash);
      return hash === other("book").order.scriptHash ? compiled : "(function () { return class { book() { return 'forged'; } }; })";
    },
  });

  await processor.send([books("book"), other("book"), books("book")]);
  const found = await outcomes(processor.queues, 3);

  assert.deepEqual(
    found.map(({ project, process, results }) => [project, process.error?.code, process.error?.retryable, results]),
    [
      ["books", "E_SCRIPT_HASH", true, null],
      ["other", undefined, undefined, ['{"title":"Hello"}']],
      ["books", "E_SCRIPT_HASH", true, null],
    ],
  );
});

test("while outcomes cannot be sent, only a few large answers are read; later all are sent", async () => {
  await using processor = await startProcessor();
  const { queues } = processor;
  const complete = queues.complete.bind(queues);
  const gate = Promise.withResolvers<void>();
  const sent: number[] = [];
  queues.complete = async (completions) => {
    if (completions[0]?.lease.queue === "fetcher2processor") {
      sent.push(completions.length);
      await gate.promise;
    }
    await complete(completions);
  };

  await processor.send(Array.from({ length: 24 }, () => books("large")));
  await until("outcomes are to be sent", () => sent.length > 0);
  await delay(1_000); // Without the limit all of them come in less.
  gate.resolve();
  const all = await outcomes(queues, 24);

  assert.ok(all.every(({ process }) => process.ok));
  assert.ok(Math.max(...sent) <= 8, `sent at a time: ${sent}`);
});

test("a page that arrives while the processor stops is released at once", { timeout: 5_000 }, async () => {
  const queues = createMemoryQueues();
  let stopping: Promise<void> | undefined;
  const processor = await startProcessor({
    async lease(...args: Parameters<Queues["lease"]>) {
      const leases = await queues.lease(...args);
      if (leases.length > 0) stopping = processor.stop();
      return leases;
    },
    release: (leases) => queues.release(leases),
    depth: () => queues.depth(),
  } as Partial<Queues>);

  await queues.put([{ queue: "fetcher2processor", message: books("book") }]);
  await until("it stops", () => stopping !== undefined);
  await stopping;

  assert.deepEqual((await queues.depth()).fetcher2processor, { ready: 1, leased: 0 });
});

test("a thousand pages pass once each, and a stopping processor releases unfinished pages", async () => {
  const processor = await startProcessor();
  await processor.send(Array.from({ length: 1_000 }, () => books("book")));
  const some = await outcomes(processor.queues, 300);

  await processor.stop();
  const { ready, leased } = (await processor.queues.depth()).fetcher2processor;
  const done = (await processor.queues.depth()).processor2result.ready;

  assert.equal(leased, 0);
  assert.equal(some.length + done + ready, 1_000);
  await processor.queues.close();
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { POSTGRES_IS_MISSING, postgresIsInstalled } from "../fixtures/postgres-server.ts";
import { REDIS_IS_MISSING, redisIsInstalled } from "../fixtures/redis-server.ts";
import { socketOwner } from "../fixtures/socket-owner.ts";
import { until } from "../fixtures/until.ts";
import { startCrawlFleet } from "./crawl-fleet.ts";
import { isDone } from "./end-state.ts";

const skip = (!redisIsInstalled && REDIS_IS_MISSING) || (!postgresIsInstalled && POSTGRES_IS_MISSING);
const PAGES = 60;
/** Long enough to run at the same time as the poison. */
const PAGE_MS = 300;

/** A site of `/`, pages that it links to, and `/poison`: each request for that is reported to `onPoison` with the client's port. */
async function startPoisonedSite(onPoison: (port: number) => Promise<void>) {
  const links = [...Array.from({ length: PAGES }, (_, index) => `/page/${index}`), "/poison"].map((path) => `<a href="${path}">link</a>`);
  const server = createServer(({ url = "", socket }, response) => {
    if (url === "/poison") void onPoison(socket.remotePort ?? 0);
    else if (url === "/") response.end(links.join("\n"));
    else if (url.startsWith("/page/")) setTimeout(() => response.end("page"), PAGE_MS);
    else response.writeHead(404).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const script = (origin: string) => `
import { Crawler, type Response } from "orbweaver";
export default class Poisoned extends Crawler {
  onStart() {
    this.crawl("${origin}/", { callback: this.page });
  }
  page(response: Response) {
    this.crawl(response.doc("a"), { callback: this.page });
    return response.url;
  }
}`;

test("a page that crashes every fetcher is quarantined with its evidence, and all other pages are crawled", {
  skip,
  timeout: 180_000,
}, async (context) => {
  await using crawl = await startCrawlFleet();
  let deaths = 0;
  const ownerOf = (port: number) =>
    socketOwner(
      port,
      crawl.fleet.of("fetcher").map(({ pid }) => pid),
    );
  await using site = await startPoisonedSite(async (port) => {
    // A fetcher that was just started again may not be in the list yet.
    const fetcher = await until("the poison's fetcher is known", () => ownerOf(port), 10_000);
    deaths++;
    process.kill(fetcher, "SIGKILL");
  });

  await crawl.ask("PUT", "/projects/poisoned", { script: script(site.origin), status: "RUNNING", rate: 1_000, burst: 1_000 });
  const began = Date.now();
  await crawl.ask("POST", "/projects/poisoned/run");
  await until("the poison is parked", async () => (await crawl.database.query("select 1 from dead_letters")).length > 0, 120_000);
  await until("nothing is pending", () => isDone(crawl.database, ["poisoned"]), 60_000);

  context.diagnostic(`parked after ${deaths} deaths and ${Math.round((Date.now() - began) / 1_000)} s`);
  const letters = await crawl.database.query<{ url: string; status: number; code: string; queue: string; deliveries: number }>(
    `select url, status, track->'process'->'error'->>'code' as code, evidence->>'queue' as queue, (evidence->>'deliveries')::int as deliveries
     from dead_letters join tasks using (project, taskid)`,
  );
  assert.deepEqual(letters, [
    { url: `${site.origin}/poison`, status: 3, code: "E_POISON_TASK", queue: "scheduler2fetcher", deliveries: 5 },
  ]);
  assert.equal(deaths, 4);
  const results = await crawl.database.query<{ result: string }>("select result from results");
  const pages = Array.from({ length: PAGES }, (_, index) => `${site.origin}/page/${index}`);
  assert.deepEqual(results.map(({ result }) => result).sort(), [`${site.origin}/`, ...pages].sort());
});

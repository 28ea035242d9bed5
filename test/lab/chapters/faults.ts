import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role } from "../../../stacks/roles.ts";
import { on, power, reboot, untilWell } from "../../fixtures/lab-fleet.ts";
import { assertNumberedOnce, underLoad } from "../../fixtures/load.ts";
import { assertWholeSite, progressOf, startCrawl, untilCrawled, untilEnded } from "../../fixtures/site-crawl.ts";
import type { Chapter } from "./chapter.ts";

/** Slow enough that a crawl outlasts what happens to it. In pages a second. */
const SLOW_RATE = 12;
const KILLED: Role[] = ["fetcher", "processor", "result-worker", "scheduler", "renderer"];

/** Whatever dies, nothing is lost, and the fleet comes back by itself. */
export function faultsChapter({ fleet, options }: Chapter): void {
  test("the crawl completes after a container of every role was killed and a worker host was without power", options, async () => {
    const crawl = await startCrawl(fleet(), "faults", SLOW_RATE);
    await untilCrawled(crawl, 50);

    for (const role of KILLED) await killOne(role);
    await untilCrawled(crawl, (await progressOf(crawl)).success + 50);
    await power("work2", false);
    await untilCrawled(crawl, (await progressOf(crawl)).success + 200);
    await power("work2", true);
    const seconds = await untilEnded(crawl);

    process.stderr.write(`the crawl with deaths took ${seconds} s\n`);
    await assertWholeSite(fleet(), crawl);
    await untilWell();
  });

  for (const host of ["data", "work1", "work2"]) {
    test(`the fleet recovers from a reboot of ${host} under load, and no message is lost or runs twice`, options, async () => {
      const began = Date.now();
      const load = await underLoad(fleet(), 30, async () => {
        await reboot(host);
        await untilWell();
        process.stderr.write(`well ${(Date.now() - began) / 1_000} s after ${host} went down\n`);
      });
      await assertNumberedOnce(load);
    });
  }

  test("after all faults the fleet crawls as before", options, async () => {
    const crawl = await startCrawl(fleet(), "afterwards", 1_000);
    await untilEnded(crawl);

    await assertWholeSite(fleet(), crawl);
  });

  async function killOne(role: Role): Promise<void> {
    const kill = `docker ps -q --filter label=com.docker.swarm.service.name=${role} | head -n 1 | xargs -r docker kill`;
    for (const { name } of fleet().lab.hosts) if ((await on(name, kill)) !== "") return;
    assert.fail(`${role} runs nowhere`);
  }
}

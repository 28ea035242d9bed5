/**
 * Question: does a renderer stay within the memory that the reference deployment gives it, as the kernel counts it in a container, whatever pages take?
 * Workload: pages whose scripts leak 20 MB each and go on, and pages that take all they can get.
 * Reports:  the most that the renderer and Chromium took together, pages a second, and what the kernel killed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startSite } from "../../demo/site.ts";
import { MIB } from "../../services/core/protocol/byte-units.ts";
import type { Page } from "../../services/core/protocol/messages.ts";
import { createMemoryGroup, MEMORY_GROUPS_MISSING, memoryGroupsWork } from "../fixtures/memory-group.ts";
import { chromiumIsMissing } from "../fixtures/rendering.ts";
import { imageEnvironment } from "../fixtures/role-image.ts";
import { createFleet } from "../fixtures/role-processes.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";

/** pyspider's public demo (docs/Deployment-demo.pyspider.org.md). */
const LIMIT_MIB = 512;
const PAGES = process.env.TEST_LONG === "1" ? 2_000 : 200;
/** Pages asked for at a time. */
const ASKERS = 3;
const GREEDY_PAGES = 3;
const skip = (!memoryGroupsWork && MEMORY_GROUPS_MISSING) || chromiumIsMissing;

type Rendered = Omit<Page, "content"> & { content: string };

async function startLimitedRenderer() {
  await using opening = new AsyncDisposableStack();
  const directory = opening.use(temporaryDirectory());
  const site = opening.use(await startSite());
  const group = opening.use(createMemoryGroup(LIMIT_MIB * MIB));
  const renderer = { ...imageEnvironment(directory.path, ["renderer"]), ORB_ALLOW_ADDRESSES: "127.0.0.0/8" };
  const fleet = opening.use(createFleet({ renderer, scheduler: {}, fetcher: {}, processor: {}, "result-worker": {}, webui: {} }));
  const { url, log } = await fleet.start("renderer", {}, group);
  const stack = opening.move();
  return {
    group,
    log,
    isAlive: () => fleet.of("renderer").length === 1,
    async render(path: string): Promise<Rendered> {
      const body = JSON.stringify({ url: site.origin + path, timeoutMs: 30_000, maxBodyBytes: MIB });
      const answer = await fetch(`${url}/render`, { method: "POST", headers: { "content-type": "application/json" }, body });
      const page = (await answer.json()) as Rendered;
      return { ...page, content: Buffer.from(page.content, "base64").toString() };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const isWhole = (n: number, { content }: Rendered) => content.includes(`whole ${n}`);

test(`a renderer stays within ${LIMIT_MIB} MiB over ${PAGES} leaking pages, and renders each at the first attempt`, {
  skip,
  timeout: 1_800_000,
}, async (t) => {
  await using renderer = await startLimitedRenderer();
  const start = performance.now();
  const numbers = Array.from({ length: PAGES }, (_, n) => n).values();
  const lost: string[] = [];

  const ask = async () => {
    for (const n of numbers) {
      const page = await renderer.render(`/leaky/${n}`);
      if (!isWhole(n, page)) lost.push(`${n}: ${page.statusCode} ${page.error?.message}`);
    }
  };
  await Promise.all(Array.from({ length: ASKERS }, ask));

  const { peakBytes, oomKills } = renderer.group.use();
  const rate = PAGES / ((performance.now() - start) / 1_000);
  t.diagnostic(`${Math.round(peakBytes / MIB)} MiB at most, ${rate.toFixed(1)} pages/s`);
  assert.deepEqual(lost, []);
  assert.equal(oomKills, 0, `the kernel killed what passed its limit\n${renderer.log()}`);
});

test("a page that uses all memory crashes alone: the renderer stays up, and later pages are complete", {
  skip,
  timeout: 300_000,
}, async (t) => {
  await using renderer = await startLimitedRenderer();
  for (let n = 0; n < GREEDY_PAGES; n++) {
    const greedy = await renderer.render(`/greedy/${n}`);
    const next = await renderer.render(`/leaky/${n}`);

    t.diagnostic(`${greedy.error?.code}: ${greedy.error?.message}, after ${Math.round(greedy.timeMs)} ms`);
    assert.match(greedy.error?.code ?? "it was rendered", /^E_(CHROMIUM_GONE|RENDER)$/);
    assert.ok(isWhole(n, next), `the page after it: ${next.error?.message}`);
  }
  t.diagnostic(`killed by the kernel: ${renderer.group.use().oomKills}`);
  assert.ok(renderer.isAlive(), renderer.log());
});

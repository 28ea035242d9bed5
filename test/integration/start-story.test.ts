import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startSite } from "../../demo/site.ts";
import { expectedPages } from "../../demo/site-kinds.ts";
import { startOrb } from "../fixtures/orb.ts";
import { siteScript } from "../fixtures/site-script.ts";
import { type StartedOrb, startEverything } from "../fixtures/started-orb.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { until } from "../fixtures/until.ts";

const PAGES = 1_000;
/** The site's own, without those that fail for ever, and its home page. */
const expected = expectedPages(PAGES);
const RESULTS = expected.length + 1;

interface ResultLine {
  taskid: string;
  index: number;
  result: { url: string; title: string };
}

async function startCrawl(orb: StartedOrb, origin: string): Promise<void> {
  await orb.api("PUT", "/projects/site", { script: siteScript(origin), status: "RUNNING", rate: 100_000, burst: 100_000 });
  await orb.api("POST", "/projects/site/run");
}

async function resultsOf(orb: StartedOrb): Promise<ResultLine[]> {
  const text = await (await orb.api("GET", "/projects/site/results?format=jsonl")).text();
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function assertComplete(results: ResultLine[], origin: string): void {
  const crawled = results.map(({ result }) => `${result.url} ${result.title}`).filter((line) => !line.startsWith(`${origin}/ `));
  assert.deepEqual(crawled.sort(), expected.map(({ finalPath, plainTitle }) => `${origin}${finalPath} ${plainTitle}`).sort());
  assert.equal(results.length, RESULTS);
}

test("./orb start serves its page, crawls a script put through the API, and drains at Ctrl-C", { timeout: 120_000 }, async () => {
  using directory = temporaryDirectory();
  await using site = await startSite({ pages: PAGES });
  await using orb = await startEverything(directory.path);

  const page = await fetch(orb.url);
  await startCrawl(orb, site.origin);
  await until("all results are there", async () => (await resultsOf(orb)).length >= RESULTS, 60_000);
  const results = await resultsOf(orb);
  orb.process.kill("SIGINT");

  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-type") ?? "", /text\/html/);
  assertComplete(results, site.origin);
  assert.equal((await orb.ended).code, 0);
});

test("after three kills and restarts, the crawl completes with each result once", { timeout: 180_000 }, async () => {
  using directory = temporaryDirectory();
  await using site = await startSite({ pages: PAGES });
  for (const [run, results] of [200, 450, 700].entries()) {
    await using orb = await startEverything(directory.path);
    if (run === 0) await startCrawl(orb, site.origin);
    await until(`${results} results`, async () => (await resultsOf(orb)).length >= results, 60_000);
    orb.process.kill("SIGKILL");
    await orb.ended;
  }

  await using orb = await startEverything(directory.path);
  await until("all results are there", async () => (await resultsOf(orb)).length >= RESULTS, 60_000);

  assertComplete(await resultsOf(orb), site.origin);
});

test("a second start on the same data is refused with the owner, and the first continues", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  await using first = await startEverything(directory.path);

  await using second = startOrb(["start", "--port", "0", "--data", directory.path]);
  const { code, stderr } = await second.ended;

  assert.equal(code, 75);
  assert.ok(stderr.includes(directory.path) && stderr.includes(`process ${first.process.pid}`) && stderr.includes(first.url), stderr);
  assert.equal((await first.api("GET", "/projects")).status, 200);
});

test("a port in use is refused with the remedy, and the data directory is released", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  using other = temporaryDirectory();
  await using first = await startEverything(directory.path);
  const { port } = new URL(first.url);

  await using second = startOrb(["start", "--port", port, "--data", other.path]);
  const { code, stderr } = await second.ended;

  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`Cannot listen on 127\\.0\\.0\\.1 port ${port}: .*--port.*\\(E_LISTEN\\)`));
});

test("if the embedded database is killed, ./orb start ends with the reason, and the next start has everything", {
  timeout: 120_000,
}, async () => {
  using directory = temporaryDirectory();
  await using first = await startEverything(directory.path);
  await first.api("PUT", "/projects/kept", { script: siteScript("http://127.0.0.1:1") });

  const [server] = readFileSync(join(directory.path, "database/postmaster.pid"), "utf8").split("\n");
  process.kill(Number(server), "SIGKILL");
  const { code, stderr } = await first.ended;
  await using second = await startEverything(directory.path);

  assert.equal(code, 1);
  assert.match(stderr, /The embedded database in .* stopped: the server ended with SIGKILL.*E_EMBEDDED_DATABASE/s);
  assert.equal((await second.api("GET", "/projects/kept")).status, 200);
});

/**
 * Question: do the roles stay within the memory of the reference deployment when a script returns 8 MiB of the values that take most memory, in each part of its
 * answer; when pages are such JSON; and when such results are shown and exported? A normal crawl runs at the same time.
 * Reports:  the most that each role took at a time, and that the kernel killed none.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { JSON_SHAPES, usualJson } from "../fixtures/json-shapes.ts";
import {
  assertNoneKilled,
  crawlsAreOver,
  type LimitedFleet,
  reportPeaks,
  limitedFleetIsMissing as skip,
  startCrawls,
  startLimitedFleet,
} from "../fixtures/limited-fleet.ts";

/** With what is around it, a result of such a page is still an answer that may be given. */
const PAGE_BYTES = 8 * 2 ** 20 - 20_000;
const { "empty objects": objects, "nesting of 100,000 levels": nesting, "one object of short names": names, texts } = JSON_SHAPES;
const PAGES: Record<string, ((bytes: number) => string) | undefined> = { objects, nesting, names, texts, "usual records": usualJson };
const SOURCE = readFileSync(new URL("../fixtures/scripts/hostile-answers.ts", import.meta.url), "utf8");
const HONEST = `
import { Crawler, type Response } from "orbweaver";
export default class Honest extends Crawler {
  onStart() {
    for (let n = 0; n < 200; n++) this.crawl(\`data:text/html,<h1>\${n}</h1>\`, { callback: this.page });
  }
  page(response: Response) {
    return { title: response.doc("h1").text() };
  }
}
`;

/** Answers each kind of JSON under its name. */
async function startJsonSite() {
  const server = createServer((request, response) => {
    const text = PAGES[decodeURIComponent((request.url ?? "").slice(1))]?.(PAGE_BYTES);
    response.writeHead(200, { "content-type": "application/json" }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() };
}

/** The outcome of each attack: a code, or `done`. */
async function endsOf({ database }: LimitedFleet): Promise<Record<string, string>> {
  const rows = await database.query<{ url: string; code: string }>(
    `select url, coalesce(track->'process'->'error'->>'code', 'done') as code from tasks where project = 'hostile' and url ~ '-|^http:'`,
  );
  return Object.fromEntries(rows.map(({ url, code }) => [decodeURIComponent(url.replace(/^data:,|^http:.*\//, "")), code]));
}

async function bytesOf(answer: Promise<Response>): Promise<number> {
  let bytes = 0;
  for await (const chunk of (await answer).body ?? []) bytes += chunk.length;
  return bytes;
}

test("8 MiB of any shape, in any part of an answer, fits into the memory of the reference deployment", {
  skip,
  timeout: 280_000,
}, async (t) => {
  await using site = await startJsonSite();
  await using limited = await startLimitedFleet("127.0.0.0/8");
  const { api, database, groups } = limited;
  const hostile = `const ORIGIN = "${site.origin}";\nconst KINDS = ${JSON.stringify(Object.keys(PAGES))};\n${SOURCE}`;

  await startCrawls(limited, { hostile, honest: HONEST });
  await crawlsAreOver(limited, ["hostile", "honest"]);
  const ends = await endsOf(limited);
  const page = (await (await api("GET", "/projects/hostile/results?limit=500")).json()) as {
    results: { isCut: boolean; taskid: string }[];
  };
  const exports = ["format=json", "format=csv", "format=csv"].map((query) => api("GET", `/projects/hostile/results?${query}`));
  const sizes = await Promise.all(exports.map(bytesOf));
  const whole = await bytesOf(api("GET", `/projects/hostile/results/${page.results[0]?.taskid}/0`));

  reportPeaks(t, limited);
  t.diagnostic(JSON.stringify(ends));
  assertNoneKilled(groups);
  const [honest] = await database.query<{ count: number }>("select count(*)::int as count from results where project = 'honest'");
  assert.equal(honest?.count, 200);
  // Some of them take the script's process to its limit: whether it is seen above it depends on when the next look comes.
  const unexpected = Object.entries(ends).filter(
    ([, code]) => !["E_PAGE_JSON", "E_SCRIPT_LIMIT", "E_SCRIPT_MEMORY", "done"].includes(code),
  );
  assert.deepEqual(unexpected, []);
  const expected = {
    "row-objects": "E_SCRIPT_LIMIT",
    "row-quotes": "done",
    "usual records": "done",
    objects: "E_PAGE_JSON",
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((attack) => [attack, ends[attack]])), expected);
  assert.ok(page.results.length > 0 && page.results.every(({ isCut }) => isCut));
  assert.ok(
    [...sizes, whole].every((bytes) => bytes > PAGE_BYTES / 2),
    String(sizes),
  );
});

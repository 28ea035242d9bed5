/**
 * Question: do the roles stay within the memory that the reference deployment gives them, as the kernel counts it in a container?
 * Workload: 5,000 pages of 5 KB with 20 links each; then pages of up to 8 MB, compressed ones that become 16 MB, and bombs; Redis and Postgres real.
 * Reports:  the most that each role took at a time, and that the kernel killed none.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startSite } from "../../demo/site.ts";
import { expectedPages } from "../../demo/site-kinds.ts";
import type { Database } from "../../services/core/store/sql.ts";
import {
  assertNoneKilled,
  crawlsAreOver,
  type LimitedFleet,
  reportPeaks,
  limitedFleetIsMissing as skip,
  startCrawls,
  startLimitedFleet,
} from "../fixtures/limited-fleet.ts";
import { siteScript } from "../fixtures/site-script.ts";

const PAGES = 5_000;

/** Runs a script from onStart until nothing of it is left to do. */
async function crawl(limited: LimitedFleet, script: string): Promise<void> {
  await startCrawls(limited, { site: script });
  await crawlsAreOver(limited, ["site"]);
}

const countOf = async (database: Database, table: string) => {
  const [row] = await database.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return row?.count;
};

test("a crawl of 5,000 pages stays within the memory of the reference deployment", { skip, timeout: 280_000 }, async (t) => {
  await using site = await startSite({ pages: PAGES });
  await using limited = await startLimitedFleet("127.0.0.0/8");

  await crawl(limited, siteScript(site.origin));

  reportPeaks(t, limited);
  assert.equal(await countOf(limited.database, "results"), expectedPages(PAGES).length + 1);
  assertNoneKilled(limited.groups);
});

/** Of several kinds in turn, so that many large ones run at the same time. */
const bulkyScript = (origin: string) => `
import { Crawler, type Response } from "orbweaver";

const KINDS = ["sized/100000", "sized/1000000", "sized/8000000", "packed/gzip/16000000", "packed/br/60000000", "packed/deflate/5000000", "sized/3000000"];

export default class Bulky extends Crawler {
  retryDelay = [0, 1, 1];

  onStart() {
    for (let n = 0; n < 140; n++) this.crawl(\`${origin}/bulky/\${KINDS[n % KINDS.length]}/\${n}\`, { callback: this.page, robotsTxt: false });
  }

  page(response: Response) {
    return { url: response.url, bytes: response.content.length, rest: "x".repeat(200_000) };
  }
}
`;

test("pages that are or become several megabytes large stay within the same memory", { skip, timeout: 280_000 }, async (t) => {
  await using site = await startSite();
  await using limited = await startLimitedFleet("127.0.0.0/8");

  await crawl(limited, bulkyScript(site.origin));

  reportPeaks(t, limited);
  const failures = await limited.database.query<{ code: string; tasks: number }>(
    `select track->'process'->'error'->>'code' as code, count(*)::int as tasks from tasks
     where taskid not like 'on_%' and taskid not like '\\_%' group by 1 order by 1`,
  );
  t.diagnostic(JSON.stringify(failures));
  assert.deepEqual(
    failures.filter(({ code }) => code !== null && code !== "E_SCRIPT_MEMORY"),
    [{ code: "E_BODY_TOO_LARGE", tasks: 20 }],
  );
  assertNoneKilled(limited.groups);
});

test("a script of nearly 1 MB is saved within the web UI's memory", { skip, timeout: 120_000 }, async (t) => {
  await using limited = await startLimitedFleet("127.0.0.0/8");
  const method = (n: number) =>
    `  @config({ age: "1d" })\n  async page${n}(response: Response) { return { url: response.url, n: ${n}, text: response.doc("h1").text() }; }\n`;
  const methods = Array.from({ length: 6_900 }, (_, n) => method(n)).join("");
  const script = `import { Crawler, config, type Response } from "orbweaver";\nexport default class Long extends Crawler {\n${methods}}\n`;
  assert.ok(script.length > 900_000 && script.length < 1_000_000, String(script.length));

  const { status } = await limited.api("PUT", "/projects/long", { script });

  reportPeaks(t, limited);
  assert.equal(status, 201);
  assertNoneKilled(limited.groups);
});

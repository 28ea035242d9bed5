import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../../fixtures/lab-fleet.ts";
import { assertWholeSite, SITE_PAGES, startCrawl, untilCrawled, untilEnded } from "../../fixtures/site-crawl.ts";
import type { Chapter } from "./chapter.ts";

/** From the stand-in internet: logging in, and a crawl from its first page to its last. */
export function crawlChapter({ fleet, options }: Chapter): void {
  test("the token opens a session at the edge, and the session opens the API", options, async () => {
    const { lab, edges, token } = fleet();
    const logIn = (secret: string) => {
      const headers = { "content-type": "application/json" };
      return ask(lab, { url: `${edges[0]}/api/v1/login`, method: "POST", headers, body: JSON.stringify({ token: secret }) });
    };

    const page = await ask(lab, { url: `${edges[0]}/login` });
    const refused = await logIn("not-the-token-at-all");
    const opened = await logIn(token);

    assert.match(page.text, /<script type="module"/);
    assert.deepEqual([page.status, refused.status, opened.status], [200, 401, 200]);
    const cookie = opened.headers["set-cookie"]?.split(";")[0] ?? "";
    // Signed with a key that every replica of every host has.
    for (const edge of edges) assert.equal((await ask(lab, { url: `${edge}/api/v1/projects`, headers: { cookie } })).status, 200);
  });

  test(
    "every page of the site that can succeed, also those that need JavaScript, is exactly one row of results in Postgres",
    options,
    async () => {
      const crawl = await startCrawl(fleet(), "site", 1_000);
      const firstSeconds = await untilCrawled(crawl, 1);
      const seconds = await untilEnded(crawl);
      process.stderr.write(`first result after ${firstSeconds} s; ${SITE_PAGES} pages in ${seconds} s\n`);

      await assertWholeSite(fleet(), crawl);
    },
  );
}

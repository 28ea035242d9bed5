import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { skipWithoutChromium } from "../../fixtures/browser.ts";
import { api, ask, on, untilWell } from "../../fixtures/lab-fleet.ts";
import { withLoadProgram } from "../../fixtures/load.ts";
import { assertWholeSite, SITE_PAGES, startCrawl, untilCrawled, untilEnded } from "../../fixtures/site-crawl.ts";
import type { StoryReport } from "../../fixtures/story-main.ts";
import type { Chapter } from "./chapter.ts";

const STORY = fileURLToPath(new URL("../../fixtures/story-main.ts", import.meta.url));

/** From the stand-in internet: logging in, a crawl from its first page to its last, and a newcomer with a browser. */
export function crawlChapter({ fleet, options }: Chapter): void {
  const story = { ...options, skip: options.skip || skipWithoutChromium };

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

  test("a newcomer's first minutes with the pages go on while all replicas of the web UI on a host are killed", story, async () => {
    const { lab, edges, token } = fleet();
    const began = Date.now();
    const newcomer = { url: edges[0], token, firstSight: "New project", project: "story", site: lab.site };

    const { state, complaints } = await withLoadProgram<StoryReport>(lab, { main: STORY, settings: newcomer }, async () => {
      await untilCrawled({ project: "story", began }, 1);
      await on("work1", "docker ps --quiet --filter name=^webui | xargs docker kill");
    });
    const storySeconds = (Date.now() - began) / 1_000;
    await api(fleet(), "DELETE", "/projects/story");
    await untilWell();
    process.stderr.write(`the story took ${storySeconds} s, and the fleet was well after ${(Date.now() - began) / 1_000} s\n`);

    assert.equal(state, "DEBUG");
    // The script that does not compile; the stream of events, which the page opens again; and a header that has no effect without TLS.
    const unexpected = complaints.filter((text) => !/400|ERR_INCOMPLETE_CHUNKED_ENCODING|Cross-Origin-Opener-Policy/.test(text));
    assert.deepEqual(unexpected, []);
  });
}

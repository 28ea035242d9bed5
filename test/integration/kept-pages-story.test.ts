/** An edit reaches crawled pages without asking the site again: all roles, from the first crawl to the new results. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startSite } from "../../demo/site.ts";
import { compileScript } from "../../services/compiler/compile.ts";
import { addToInbox } from "../../services/core/store/inbox.ts";
import { putProject } from "../../services/core/store/projects.ts";
import { startTestEngine } from "../fixtures/engine.ts";
import { until } from "../fixtures/until.ts";

const DEFAULTS = { rate: 1_000, burst: 1_000 };
const script = (origin: string, value: string) => `import { Crawler, type Response } from "orbweaver";
export default class Books extends Crawler {
  onStart() {
    for (const n of [1, 2, 3]) this.crawl(\`${origin}/page/\${n}\`, { callback: this.page });
  }
  page(response: Response) {
    return ${value};
  }
}
`;

test("after an edit, tasks run again from kept pages, and the site gets no request", { timeout: 120_000 }, async () => {
  await using site = await startSite({ pages: 3 });
  await using crawl = await startTestEngine();
  const { database } = crawl.engine;
  const save = async (source: string) => {
    const changes = { script: { source, ...(await compileScript(source, "books.ts")) }, status: "RUNNING" as const };
    await putProject(database, "books", { changes: { ...changes, keepPages: { mib: 10, days: 1 } }, defaults: DEFAULTS });
  };
  const results = async () =>
    (await database.query<{ result: unknown }>("select result from results order by url")).map(({ result }) => result);
  const first = script(site.origin, "response.url");
  await save(first);
  await crawl.crawl("books", first);
  const before = new Map(site.requests);

  await save(script(site.origin, "response.doc('h1').length + response.url"));
  await addToInbox(database, { kind: "rerunSelected", project: "books", selection: { url: "/page/" }, keptPages: true });
  await until("the new results are stored", async () => (await results()).every((result) => String(result).startsWith("1http")));

  assert.deepEqual(
    await results(),
    [1, 2, 3].map((n) => `1${site.origin}/page/${n}`),
  );
  assert.deepEqual(site.requests, before);
  assert.equal((await database.query("select 1 from kept_pages")).length, 3);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseProxy } from "../../../services/core/protocol/choose-proxy.ts";
import { mergeFetchOptions } from "../../../services/core/protocol/fetch-options.ts";
import { toFetchOrder } from "../../../services/scheduler/fetch-order.ts";

test("a task's own fetch options take precedence over the project's, for each header", () => {
  const merged = mergeFetchOptions({ timeout: 5, headers: { a: "1", b: "1" } }, { headers: { b: "2" } });

  assert.deepEqual(merged, { timeout: 5, headers: { a: "1", b: "2" } });
});

test("each task gets one of several proxies, and each retry uses the next one", () => {
  const proxies = ["http://a", "http://b", "http://c"];
  const tasks = Array.from({ length: 300 }, (_, index) => `task ${index}`);

  const tries = [0, 1, 2, 3].map((count) => chooseProxy(proxies, "task", count));
  const used = Map.groupBy(tasks, (taskid) => chooseProxy(proxies, taskid, 0));

  assert.equal(new Set(tries.slice(0, 3)).size, 3);
  assert.equal(tries[3], tries[0]);
  for (const proxy of proxies) assert.ok((used.get(proxy)?.length ?? 0) > 50, `${proxy}: ${used.get(proxy)?.length}`);
});

test("a task gets the session's cookies in place of its own copy, and a login's steps do not", () => {
  const info = { fetchDefaults: { cookies: { lang: "en" } }, every: [], hasOnFinished: false, hasLogin: true };
  const session = { cookies: { sid: "new" }, host: "a.test", isSecure: false };
  const cookiesOf = (taskid: string) =>
    toFetchOrder(
      { taskid, url: "http://a.test/", fetch: { cookies: { sid: "old" } }, track: null, save: null, stored: null } as never,
      { info, session } as never,
    ).fetch.cookies;

  assert.deepEqual(cookiesOf("page"), { lang: "en", sid: "new" });
  assert.deepEqual(cookiesOf("_on_login_page"), { lang: "en", sid: "old" });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { infoOf } from "../../../services/sdk/crawler.ts";
import { config } from "../../../services/sdk/decorators.ts";
import { begin } from "../../fixtures/crawling.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();

test("host limits are options of crawlConfig only", () => {
  const { script } = begin();
  Object.assign(script, { crawlConfig: { hostDelay: "2s", hostConcurrency: 4 } });

  const { hostDelaySeconds, hostConcurrency, fetchDefaults } = infoOf(script);
  script.crawl("http://a.test/", { callback: "list" });

  assert.deepEqual([hostDelaySeconds, hostConcurrency, fetchDefaults], [2, 4, {}]);
  assert.throws(() => script.crawl("http://b.test/", { callback: "list", hostDelay: 2 } as never), /crawl\(\) has no option hostDelay/);
  assert.throws(() => config({ hostConcurrency: 1 } as never), /@config has no option hostConcurrency/);
});

test("this.save has the last run's value, and is returned only if it was used", () => {
  const untouched = begin({ stored: { visits: 1 } });
  const touched = begin({ stored: { visits: 1 } });

  touched.script.save.visits++;

  assert.equal(untouched.run.stored, undefined);
  assert.deepEqual(touched.run.stored, { value: { visits: 2 } });
});

test("a script's info contains its fetch defaults, delays and intervals", () => {
  const { script } = begin();
  script.retryDelay = ["1s", 60, "1h"];

  assert.deepEqual(infoOf(script), {
    fetchDefaults: { headers: { "x-from": "crawlConfig" } },
    retryDelaySeconds: [1, 60, 3_600],
    every: [{ callback: "daily", seconds: 86_400 }],
    cron: [
      { callback: "nightly", expression: "0 4 * * *", timeZone: "Europe/Berlin" },
      { callback: "nightly", expression: "0 16 * * *", timeZone: "UTC" },
    ],
    hasOnFinished: false,
    takesMessages: false,
  });
});

test("a message names a project and can have any value", () => {
  const { run, script } = begin();

  script.sendMessage("other", { a: 1 });

  assert.deepEqual(run.messages, [{ project: "other", url: "data:,on_message", message: { a: 1 } }]);
  assert.throws(() => script.sendMessage("no name", 1), /takes the name of a project/);
  assert.throws(() => script.sendMessage("other", 1, "\0"), /takes a URL of 1 to/);
});

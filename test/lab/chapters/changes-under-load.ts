import assert from "node:assert/strict";
import { test } from "node:test";
import { copyCheckout } from "../../fixtures/checkout-copy.ts";
import { containerIds, gone, type Outcome, orbJson } from "../../fixtures/lab-fleet.ts";
import { underLoad } from "../../fixtures/load.ts";
import type { Chapter } from "./chapter.ts";

const WEBUI_MAIN = "services/webui/main.ts";

/** What users of the web UI notice of a change: nothing. */
export function changesUnderLoadChapter({ fleet, options }: Chapter, long: Chapter): void {
  test("a new version of the web UI, then 6 and 2 replicas, fail no request and run none twice", options, async () => {
    using next = copyCheckout({ [WEBUI_MAIN]: (text) => `${text}// The next version.\n` });
    const earlier = await containerIds(fleet().lab);

    const load = await underLoad(fleet(), 60, async () => {
      for (const command of [["up"], ["scale", "webui=6"], ["scale", "webui=2"]]) {
        const { code, stderr } = await next.orb(...command, "--stack", "lab", "--json");
        assert.equal(code, 0, stderr);
      }
    });

    assert.deepEqual([load.failed, load.failures], [0, []]);
    assert.equal(load.executed, load.posts);
    assert.ok(load.posts * 3 > load.requests && load.newConnections * 3 > load.requests, "half POST, half on new connections");
    assert.deepEqual(gone(earlier, await containerIds(fleet().lab)), { webui: 4 });
  });

  test("a version that never becomes healthy fails the up with its last log lines; the old replicas stay", long.options, async () => {
    using broken = copyCheckout({
      [WEBUI_MAIN]: () => `console.error("waiting for the moon to rise");\nsetInterval(() => {}, 1_000);\n`,
    });
    const earlier = await containerIds(fleet().lab);

    const load = await underLoad(fleet(), 10, async () => {
      const { code, stderr } = await broken.orb("up", "--stack", "lab");
      assert.equal(code, 1);
      assert.match(stderr, /E_DEPLOYMENT_FAILED/);
      assert.match(stderr, /webui-rollout \(Command\): webui: the new replicas did not become healthy, and the update ended in rollback/);
      assert.match(stderr, /waiting for the moon to rise/);
    });

    assert.deepEqual([load.failed, load.failures], [0, []]);
    assert.deepEqual(gone(earlier, await containerIds(fleet().lab)), {});
  });

  test("an up of the previous version repairs the fleet", long.options, async () => {
    await orbJson<Outcome>("up", "--stack", "lab");
    const { problems } = await orbJson<{ problems: string[] }>("status", "--stack", "lab");

    assert.deepEqual(problems, []);
  });
}

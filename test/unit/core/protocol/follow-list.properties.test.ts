import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { packFollows, unpackFollows } from "../../../../services/core/protocol/follow-list.ts";
import type { Follow } from "../../../../services/core/protocol/task.ts";
import { taskidOfUrl } from "../../../../services/core/protocol/taskid.ts";
import { anyJson, anyText, anyUrl } from "../../../fixtures/arbitraries.ts";

const identify = taskidOfUrl;

test("any follows are the same after they were written in the short form", () => {
  const schedule = fc.record({ itag: anyText(), age: fc.nat(), priority: fc.integer() }, { requiredKeys: [] });
  const process = fc.record({ callback: fc.constantFrom("page", "list") });
  const anyFollow = fc.record(
    { taskid: anyText(), url: anyUrl, process, schedule, save: anyJson },
    { requiredKeys: ["taskid", "url", "process"] },
  ) as fc.Arbitrary<Follow>;

  fc.assert(
    fc.property(fc.array(anyFollow), (follows) => {
      const plain = JSON.parse(JSON.stringify(follows)) as Follow[];

      const list = JSON.parse(JSON.stringify(packFollows(plain, { identify }))) as unknown;

      assert.deepEqual(unpackFollows(list, identify), plain);
    }),
  );
});

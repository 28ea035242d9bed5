import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../../services/core/runtime/checkout.ts";
import { type Fault, withFault } from "../../mutations/fault.ts";
import { FAULTS } from "../../mutations/faults.ts";
import { readVerdict } from "../../mutations/verdict.ts";

const fault: Fault = { name: "a/b", file: "a.ts", text: "x > 0", replacement: "x >= 0", tests: ["a.test.ts"] };

test("every listed fault applies, has a unique name, and names existing tests", () => {
  for (const one of FAULTS) {
    withFault(readFileSync(join(ROOT, one.file), "utf8"), one);
    assert.deepEqual(
      one.tests.filter((file) => !existsSync(join(ROOT, file))),
      [],
      one.name,
    );
  }
  assert.equal(new Set(FAULTS.map(({ name }) => name)).size, FAULTS.length);
});

test("a fault replaces its text, which must occur exactly once in the file", () => {
  assert.equal(withFault("if (x > 0) y();", fault), "if (x >= 0) y();");
  assert.throws(() => withFault("x", fault), /its text stands 0 times in a\.ts/);
  assert.throws(() => withFault("x > 0, x > 0", fault), /its text stands 2 times/);
});

for (const { title, code, output, verdict } of [
  { title: "a run without failures", code: 0, output: "ok 1 - a\n", verdict: { kind: "survived", by: "" } },
  {
    title: "a failed test",
    code: 1,
    output: "ok 1 - a\nnot ok 2 - b is c\n  ---\nnot ok 3 - d\n",
    verdict: { kind: "noticed", by: "b is c" },
  },
  {
    title: "a test within a suite",
    code: 1,
    output: "    not ok 1 - inner\nnot ok 1 - suite\n",
    verdict: { kind: "noticed", by: "inner" },
  },
  {
    title: "a file of tests that does not load",
    code: 1,
    output: "not ok 1 - test/a.test.ts\n",
    verdict: { kind: "broken", by: "test/a.test.ts" },
  },
  {
    title: "a test that waits forever",
    code: 1,
    output: "not ok 1 - test/a.test.ts\n  failureType: 'testTimeoutFailure'\n",
    verdict: { kind: "noticed", by: "a timeout: test/a.test.ts" },
  },
] as const) {
  test(`${title} means ${verdict.kind}`, () => {
    assert.deepEqual(readVerdict(code, output), verdict);
  });
}

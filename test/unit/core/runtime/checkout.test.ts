import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../../../services/core/runtime/checkout.ts";

const RULES = [
  { file: "services/core/runtime/checkout.ts", declaration: /^(?:export )?const ROOT = /m },
  { file: "services/core/protocol/byte-units.ts", declaration: /^(?:export )?const [KM]IB = /m },
];

test("ROOT is the folder of package.json, without a slash at the end", () => {
  const { name } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8")) as { name: string };

  assert.equal(name, "orbweaver");
  assert.equal(join(ROOT, "."), ROOT);
});

for (const { file, declaration } of RULES) {
  test(`only ${file} declares what it exports`, () => {
    const files = globSync("{services,stacks,lab,test}/**/*.ts", { cwd: ROOT, exclude: ["**/node_modules/**"] });

    const declaring = files.filter((name) => declaration.test(readFileSync(join(ROOT, name), "utf8")));

    assert.deepEqual(declaring, [file]);
  });
}

/** What scripts may write, run in a real sandbox child: what a unit test outside of it cannot show. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPool, projectOf } from "../../fixtures/sandbox.ts";

const script = (body: string) =>
  `import { Crawler, cron, type Response } from "orbweaver";\nexport default class Test extends Crawler {\n${body}\n}\n`;

test("times of day are checked where they are written, with the calendar that the child has", async () => {
  await using pool = openPool();
  const good = await projectOf("good", script(`  @cron("0 4 * * *", { timeZone: "Europe/Berlin" })\n  daily() {}`));
  const bad = await projectOf("bad", script(`  @cron("0 25 * * *")\n  daily() {}`));

  const [fine, broken] = [await pool.run(good("_info")), await pool.run(bad("_info"))];

  assert.deepEqual(fine.info?.cron, [{ callback: "daily", expression: "0 4 * * *", timeZone: "Europe/Berlin" }]);
  assert.match(
    broken.process.error?.message ?? "",
    /@cron does not understand "0 25 \* \* \*": Invalid value for hour: 25 \(bad\.ts:3:\d+\)/,
  );
});

/** The numbers of task states and queues are written once, in `TASK_STATUS` and `TASK_QUEUE`. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TASK_QUEUE, TASK_STATUS } from "../../../../services/core/protocol/task.ts";
import { ROOT } from "../../../../services/core/runtime/checkout.ts";

const BARE_NUMBERS = [
  /\b(?:queue|status)(?: \+ 0\))? *(?:=|<>|!=|in *\() *\d/g,
  /\$\{QUEUE\} *(?:=|<>|!=|in *\() *\d/g,
  /\b(?:queue|status): \d(?: \||;|,| })/g,
  /\binsert into tasks\b[^`]*?\bselect [^`]*?, \d+,/g,
];

const bareNumbersIn = (text: string): string[] => BARE_NUMBERS.flatMap((pattern) => text.match(pattern) ?? []);

test("statements and types of the services name the states of tasks", () => {
  const files = globSync("services/{core,scheduler,result-worker,webui}/**/*.ts", { cwd: ROOT });
  const found = files.flatMap((file) => bareNumbersIn(readFileSync(join(ROOT, file), "utf8")).map((text) => `${file}: ${text}`));

  assert.ok(files.length > 50);
  assert.deepEqual(found, []);
});

for (const text of [
  "update tasks set queue = 1",
  "where status=3",
  "(tasks.queue + 0) = 2",
  `and \${QUEUE} <> 4`,
  "where queue in (1, 4)",
  "queue: 1 | 2;",
  "insert into tasks (taskid, status)\n select taskid, 1, queue",
]) {
  test(`a bare number is found in ${JSON.stringify(text)}`, () => {
    assert.equal(bareNumbersIn(text).length, 1);
  });
}

/** An index serves only statements with the same number in their condition. */
const INDEXES: [name: string, condition: string][] = [
  ["tasks_due", `queue = ${TASK_QUEUE.due}`],
  ["tasks_waiting", `queue = ${TASK_QUEUE.waiting}`],
  ["tasks_in_flight", `queue = ${TASK_QUEUE.inFlight}`],
  ["tasks_in_line", `queue = ${TASK_QUEUE.hostBlocked}`],
  ["tasks_failed", `status = ${TASK_STATUS.FAILED}`],
  ["tasks_bad", `status = ${TASK_STATUS.BAD}`],
];

for (const [name, condition] of INDEXES) {
  test(`the index ${name} has the rows with ${condition}`, () => {
    const migrations = globSync("services/core/store/migrations/*.sql", { cwd: ROOT }).map((file) =>
      readFileSync(join(ROOT, file), "utf8"),
    );
    const [, found] = new RegExp(`create index ${name} on tasks [^;]* where ([^;]*);`).exec(migrations.join("\n")) ?? [];

    assert.equal(found, condition);
  });
}

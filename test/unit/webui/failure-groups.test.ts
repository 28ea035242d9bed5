import assert from "node:assert/strict";
import { test } from "node:test";
import { failureKey, groupFailures, isSameFailure } from "../../../services/webui/failure-groups.ts";

const failed = (taskid: string, changes: object = {}) => ({
  ...{ taskid, url: `http://a.test:81/${taskid}?q`, code: "E_SCRIPT", message: "Error: no price (books.ts:9:4)", statusCode: 200 },
  ...changes,
});

test("tasks with the same error, status, host and line are one group, the largest first", () => {
  const groups = groupFailures([
    failed("1", { code: "E_STATUS", statusCode: 500, message: "500" }),
    failed("2"),
    failed("3", { message: "Error: other text (books.ts:9:7)" }),
    failed("4", { message: "Error: no price (books.ts:12:4)" }),
    failed("5", { url: "http://b.test/" }),
  ]);

  assert.deepEqual(
    groups.map(({ count, code, statusCode, host, place, sample }) => [count, code, statusCode, host, place, sample.taskid]),
    [
      [2, "E_SCRIPT", 200, "a.test:81", "books.ts:9", "2"],
      [1, "E_STATUS", 500, "a.test:81", "", "1"],
      [1, "E_SCRIPT", 200, "a.test:81", "books.ts:12", "4"],
      [1, "E_SCRIPT", 200, "b.test", "books.ts:9", "5"],
    ],
  );
});

test("the key of a group finds its tasks again", () => {
  const [group] = groupFailures([failed("1")]);

  assert.ok(group);
  assert.deepEqual(
    [isSameFailure(failureKey(failed("2")), group), isSameFailure(failureKey(failed("3", { code: "E" })), group)],
    [true, false],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeenTasks } from "../../../services/scheduler/seen-tasks.ts";

test("seen tasks are forgotten by halves, the older ones first", () => {
  const seen = new SeenTasks(4);

  for (const id of ["1", "2", "3", "4", "5"]) seen.add("p", id);

  assert.deepEqual(
    ["1", "3", "5"].map((id) => seen.has("p", id)),
    [false, true, true],
  );
  assert.equal(seen.has("q", "5"), false);
});

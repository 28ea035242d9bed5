import assert from "node:assert/strict";
import { test } from "node:test";
import type { SummaryRow } from "../../../../services/webui/pages/api/types.ts";
import { sparkPoints } from "../../../../services/webui/pages/counters/spark-points.ts";
import { allLabels, listProjects, NO_FILTER, type ProjectFilter } from "../../../../services/webui/pages/dashboard/project-filter.ts";
import { withLock } from "../../../../services/webui/pages/settings/group-words.ts";

const row = (name: string, fields: object) =>
  ({
    ...{ name, group: "", comments: "", updatetime: 0, pagesPerMinute: [0], health: { state: "runs", reason: "" } },
    ...{ counters: { all: { failed: 0 } } },
    ...fields,
  }) as unknown as SummaryRow;

const ROWS = [
  row("beta", { group: "shop de", pagesPerMinute: [9, 1], updatetime: 3 }),
  row("alpha", { comments: "The SHOP of a friend", pagesPerMinute: [0, 5] }),
  row("gamma", { health: { state: "stopped", reason: "" }, counters: { all: { failed: 7 } }, group: "de" }),
];

const lists: [name: string, filter: Partial<ProjectFilter>, names: string[]][] = [
  ["no filter lists all by name", {}, ["alpha", "beta", "gamma"]],
  ["a search finds labels and comments, whatever their case", { search: " shop" }, ["alpha", "beta"]],
  ["a label is a whole word of the group", { label: "de" }, ["beta", "gamma"]],
  ["the filter by health lists projects in that state", { health: "stopped" }, ["gamma"]],
  ["the pace is that of the last whole minute", { sort: "pace" }, ["alpha", "beta", "gamma"]],
  ["the most failed tasks come first", { sort: "failed" }, ["gamma", "alpha", "beta"]],
  ["the last change comes first", { sort: "changed" }, ["beta", "alpha", "gamma"]],
];
for (const [name, filter, names] of lists) {
  test(name, () => {
    assert.deepEqual(
      listProjects(ROWS, { ...NO_FILTER, ...filter }).map((project) => project.name),
      names,
    );
  });
}

test("labels are the words of all groups, each once", () => {
  assert.deepEqual(allLabels(ROWS), ["de", "shop"]);
});

test("a sparkline runs from the oldest value at the left to the newest at the right, the largest at the top", () => {
  assert.equal(sparkPoints([0, 2, 1], { width: 80, height: 20 }), "0,19 40,1 80,10");
  assert.equal(sparkPoints([0, 0], { width: 80, height: 20 }), "0,19 80,19");
});

test("the lock is a word of the group, which is added and removed alone", () => {
  assert.equal(withLock("shop", true), "shop lock");
  assert.equal(withLock("", true), "lock");
  assert.equal(withLock("Lock shop lock", false), "shop");
  assert.equal(withLock("locks", false), "locks");
});

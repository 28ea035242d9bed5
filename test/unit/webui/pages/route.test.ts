import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_FILTER } from "../../../../services/webui/pages/dashboard/project-filter.ts";
import { addresses, type Route, routeAt } from "../../../../services/webui/pages/navigation/route.ts";

const pages: [address: string, route: Route][] = [
  [addresses.dashboard, { page: "dashboard", filter: NO_FILTER }],
  ["/login", { page: "login" }],
  [addresses.cluster, { page: "cluster" }],
  [addresses.script("books"), { page: "script", project: "books", line: undefined, task: undefined }],
  [addresses.script("books", 12), { page: "script", project: "books", line: 12, task: undefined }],
  [addresses.results("books"), { page: "results", project: "books", before: undefined, search: undefined, columns: undefined }],
  [
    addresses.results("books", { before: 77, search: "a&b", columns: ["url", "a,b"] }),
    { page: "results", project: "books", before: "77", search: "a&b", columns: ["url", "a,b"] },
  ],
  [addresses.log("books"), { page: "log", project: "books", search: undefined, after: undefined }],
  [addresses.log("books", { search: "a b", after: "1:t" }), { page: "log", project: "books", search: "a b", after: "1:t" }],
  [addresses.activity("books"), { page: "activity", project: "books", window: "1h" }],
  [addresses.activity("books", "1d"), { page: "activity", project: "books", window: "1d" }],
  ["/projects/books/activity?window=all", { page: "activity", project: "books", window: "1h" }],
  [addresses.settings("books"), { page: "settings", project: "books" }],
  [
    addresses.tasks("books", { search: "E_X & y" }),
    { page: "tasks", project: "books", status: undefined, search: "E_X & y", after: undefined, task: undefined },
  ],
  [
    addresses.dashboardWith({ search: "a b", health: "stopped", label: "shop", sort: "pace" }),
    { page: "dashboard", filter: { search: "a b", health: "stopped", label: "shop", sort: "pace" } },
  ],
  ["/?health=constructor&sort=x", { page: "dashboard", filter: NO_FILTER }],
  [addresses.tasks("books"), { page: "tasks", project: "books", status: undefined, search: undefined, after: undefined, task: undefined }],
  [
    addresses.tasks("books", { status: "FAILED", after: "17.5:a?b&c", task: "a/b?c" }),
    { page: "tasks", project: "books", status: "FAILED", search: undefined, after: "17.5:a?b&c", task: "a/b?c" },
  ],
  [addresses.task("books", "a/b?c=d#e %"), { page: "task", project: "books", taskid: "a/b?c=d#e %" }],
  ["/projects", { page: "unknown" }],
  ["/projects/books/nothing", { page: "unknown" }],
  ["/projects/books/results/more", { page: "unknown" }],
  ["/projects/books/tasks/a/b", { page: "unknown" }],
  ["/projects/%ff", { page: "unknown" }],
];

for (const [address, route] of pages) {
  test(`${address} is the page ${route.page}`, () => {
    assert.deepEqual(routeAt(address), route);
  });
}

test("an invalid line number is ignored", () => {
  assert.deepEqual(routeAt("/projects/books?line=-1"), { page: "script", project: "books", line: undefined, task: undefined });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { shareCredit } from "../../../services/scheduler/credit.ts";

test("credit is shared equally, and a project's unused share goes to the others", () => {
  const demand = (project: string, tokens: number, inFlight = 0) => ({ project, tokens, inFlight, window: 1_000, pageBytes: 1_000 });
  const limits = { tasks: 100, tasksPerProject: 60, bytes: 1_000_000 };

  const shares = shareCredit([demand("big", 1_000), demand("small", 5), demand("full", 10, 60)], { tasks: 0, bytes: 0 }, limits);

  assert.deepEqual(Object.fromEntries(shares), { small: 5, big: 60 });
});

test("credit in bytes limits projects with large pages", () => {
  const demand = { project: "films", tokens: 100, inFlight: 0, window: 1_000, pageBytes: 400_000 };

  const shares = shareCredit([demand], { tasks: 0, bytes: 200_000 }, { tasks: 100, tasksPerProject: 60, bytes: 1_000_000 });

  assert.equal(shares.get("films"), 2);
});

test("a project with hanging tasks gets only as many as its window allows", () => {
  const hangs = { project: "hangs", tokens: 1_000, inFlight: 10, window: 16, pageBytes: 1_000 };

  const shares = shareCredit([hangs], { tasks: 10, bytes: 10_000 }, { tasks: 100, tasksPerProject: 60, bytes: 1_000_000 });

  assert.equal(shares.get("hangs"), 6);
});

test("credit that one project gets is unavailable to the next, in tasks and in bytes", () => {
  const demands = (pageBytes: number) =>
    ["first", "second"].map((project) => ({ project, tokens: 100, inFlight: 0, window: 1_000, pageBytes }));
  const limits = { tasks: 100, tasksPerProject: 80, bytes: 1_000_000 };

  const small = shareCredit(demands(1_000), { tasks: 0, bytes: 0 }, limits);
  const large = shareCredit(demands(400_000), { tasks: 0, bytes: 0 }, limits);

  assert.deepEqual(Object.fromEntries(small), { first: 50, second: 50 });
  assert.deepEqual(Object.fromEntries(large), { first: 2, second: 1 });
});

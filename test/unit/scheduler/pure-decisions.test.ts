/** Functions whose names ask for something leave the state as it is: asked twice, they give the same answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import type { ScriptInfo } from "../../../services/core/protocol/messages.ts";
import { schedulerDefaults } from "../../../services/scheduler/env.ts";
import { partitionByHost } from "../../../services/scheduler/host-queue.ts";
import { decideTicks } from "../../../services/scheduler/requests.ts";
import { currentShares } from "../../../services/scheduler/shares.ts";
import { SchedulerState } from "../../../services/scheduler/state.ts";

const NOW = 1_000_000;
const HOSTS = ["a.test", "b.test"];
const info: ScriptInfo = {
  ...{ fetchDefaults: {}, hasOnFinished: true, hostDelaySeconds: 1, hostConcurrency: 3 },
  every: [{ callback: "poll", seconds: 1 }],
  cron: [{ callback: "daily", expression: "* * * * *", timeZone: "UTC" }],
};

function someState(): SchedulerState {
  const state = new SchedulerState();
  const notes = { lastTick: NOW - 100, owesFinished: true, pausedUntil: 0, session: null, keepsPages: false, updatetime: 0 };
  for (const name of ["books", "news"]) {
    state.setRecord({ name, group: "", status: "RUNNING", rate: 10, burst: 8, scriptHash: "h", infoHash: "h", info, ...notes });
    state.becameDue(name, 0);
  }
  state.setRecord({ name: "new", group: "", status: "RUNNING", rate: 10, burst: 8, scriptHash: "h", infoHash: "", info: null, ...notes });
  state.seen.add("books", "1");
  state.ensureLimiter("books").acquire("a.test", NOW - 10);
  return state;
}

const projectOf = (state: SchedulerState) => state.projects.get("books") as NonNullable<ReturnType<typeof state.projects.get>>;
const picked = [1, 2, 3, 4].map((n) => ({ project: "books", taskid: String(n), url: `http://${HOSTS[n % 2]}/${n}` }));

const QUESTIONS: Record<string, (state: SchedulerState) => unknown> = {
  currentShares: (state) => currentShares({ state, settings: schedulerDefaults, pagesLeft: 5, now: NOW }),
  decideTicks: (state) => decideTicks(projectOf(state), NOW),
  partitionByHost: (state) => partitionByHost(picked, state.ensureLimiter("books"), { now: NOW, places: 3 }),
  "HostLimiter.opensAfter": (state) => HOSTS.map((host) => state.ensureLimiter("books").opensAfter(host, 2, NOW)),
  "HostLimiter.room": (state) => HOSTS.map((host) => state.ensureLimiter("books").room(host, NOW)),
  "SeenTasks.has": (state) => [state.seen.has("books", "1"), state.seen.has("unknown", "1")],
  "SchedulerState.isHeld": (state) => state.isHeld("books"),
  "SchedulerState.hasNewPause": (state) => state.hasNewPause("books"),
};

/** All public fields, and what the private ones answer. */
function snapshot(state: SchedulerState): string {
  const books = [...state.hosts].map(([name, limiter]) => [
    name,
    [...limiter.touched],
    HOSTS.map((host) => [limiter.opensAt(host), limiter.room(host, NOW)]),
  ]);
  return inspect([state, books, [...state.projects.values()].map(({ dueCursor }) => dueCursor.range)], { depth: 10, maxArrayLength: null });
}

for (const [name, ask] of Object.entries(QUESTIONS)) {
  test(`${name} changes nothing`, () => {
    const state = someState();
    const before = snapshot(state);

    const answers = [ask(state), ask(state)];

    assert.equal(snapshot(state), before);
    assert.deepEqual(answers[1], answers[0]);
  });
}

import type { Fault } from "./fault.ts";

const decisions = (name: string) => `test/unit/scheduler/decisions/${name}.test.ts`;

export const SCHEDULER_FAULTS: readonly Fault[] = [
  {
    name: "scheduler/credit-bytes-stay-free",
    file: "services/scheduler/credit.ts",
    text: "    bytes -= share * pageBytes;\n",
    replacement: "",
    tests: ["test/unit/scheduler/credit.test.ts"],
  },
  {
    name: "scheduler/credit-tasks-stay-free",
    file: "services/scheduler/credit.ts",
    text: "    tasks -= share;\n",
    replacement: "",
    tests: ["test/unit/scheduler/credit.test.ts"],
  },
  {
    name: "scheduler/window-never-shrinks",
    file: "services/scheduler/concurrency-window.ts",
    text: "window - SLOW_COST",
    replacement: "window",
    tests: ["test/unit/scheduler/concurrency-window.test.ts"],
  },
  {
    name: "scheduler/deferred-without-end",
    file: "services/scheduler/retry-after.ts",
    text: " || deferrals >= MAX_DEFERRALS",
    replacement: "",
    tests: ["test/unit/scheduler/retry-after.test.ts"],
  },
  {
    name: "scheduler/one-task-too-many-for-a-host",
    file: "services/scheduler/host-limiter.ts",
    text: "known.inFlight >= this.#limits.concurrency",
    replacement: "known.inFlight > this.#limits.concurrency",
    tests: ["test/unit/scheduler/host-limiter.test.ts"],
  },
  {
    name: "scheduler/host-shortens-the-project-delay",
    file: "services/scheduler/host-limiter.ts",
    text: "Math.max(this.#limits.delaySeconds, this.#delays.get(host) ?? 0)",
    replacement: "this.#delays.get(host) ?? this.#limits.delaySeconds",
    tests: ["test/unit/scheduler/host-limiter.test.ts"],
  },
  {
    name: "scheduler/alone-is-like-beside-others",
    file: "services/scheduler/intake-limiter.ts",
    text: "alone: 6",
    replacement: "alone: 1",
    tests: ["test/unit/scheduler/intake-limiter.test.ts"],
  },
  {
    name: "scheduler/large-outcome-never-fits",
    file: "services/scheduler/select-outcome-batch.ts",
    text: "Math.max(1, end)",
    replacement: "end",
    tests: ["test/unit/scheduler/select-outcome-batch.test.ts"],
  },
  {
    name: "scheduler/one-round-hides-failures",
    file: "services/scheduler/term-health.ts",
    text: "if (nowMs - this.#failedAtMs >= HOLDS_MS) this.#failures = 0;",
    replacement: "this.#failures = 0;",
    tests: ["test/unit/scheduler/term-health.test.ts"],
  },
  {
    name: "scheduler/page-age-does-not-cap-the-retry-delay",
    file: "services/scheduler/retry-delay.ts",
    text: "Math.min(delay, ageSeconds)",
    replacement: "delay",
    tests: [decisions("failed-task")],
  },
  {
    name: "scheduler/each-project-has-the-whole-page-budget",
    file: "services/scheduler/shares.ts",
    text: "Math.min(settings.credit.tasks, inFlight.tasks + pagesLeft)",
    replacement: "settings.credit.tasks",
    tests: ["test/unit/scheduler/shares.test.ts"],
  },
  {
    name: "scheduler/tasks-of-one-batch-are-not-counted-for-their-host",
    file: "services/scheduler/host-limiter.ts",
    text: "inFlight + begun >=",
    replacement: "inFlight >=",
    tests: ["test/unit/scheduler/host-limiter.test.ts"],
  },
  {
    name: "scheduler/clock-set-back-takes-tokens",
    file: "services/scheduler/token-bucket.ts",
    text: "Math.max(0, now - bucket.filledAt)",
    replacement: "now - bucket.filledAt",
    tests: [decisions("token-bucket")],
  },
];

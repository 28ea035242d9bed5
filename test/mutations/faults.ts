import type { Fault } from "./fault.ts";
import { FETCHER_FAULTS } from "./fetcher-faults.ts";
import { QUEUE_FAULTS } from "./queue-faults.ts";
import { SCHEDULER_FAULTS } from "./scheduler-faults.ts";
import { STACKS_FAULTS } from "./stacks-faults.ts";
import { WALL_FAULTS } from "./wall-faults.ts";

const OTHER_FAULTS: readonly Fault[] = [
  {
    name: "result-worker/two-batches-at-a-time",
    file: "services/result-worker/run.ts",
    text: "held.leases === 0 ? batch : 0",
    replacement: "batch",
    tests: ["test/unit/result-worker/run.test.ts"],
  },
  {
    name: "core/cookies-in-the-log",
    file: "services/core/runtime/log.ts",
    text: '"cookie", ',
    replacement: "",
    tests: ["test/unit/core/runtime/log.test.ts"],
  },
  {
    name: "core/kept-redirect-is-not-ok",
    file: "services/core/protocol/page-ok.ts",
    text: "statusCode < 400",
    replacement: "statusCode < 300",
    tests: ["test/unit/core/protocol/page-ok.test.ts", "test/unit/core/queue/poison.test.ts"],
  },
  {
    name: "cli/results-of-an-earlier-run-do-not-count",
    file: "services/cli/run-report.ts",
    text: " && results === 0",
    replacement: "",
    tests: ["test/unit/cli/run-report.test.ts"],
  },
];

/** All faults that the tests have to notice. */
export const FAULTS: readonly Fault[] = [
  ...SCHEDULER_FAULTS,
  ...FETCHER_FAULTS,
  ...QUEUE_FAULTS,
  ...STACKS_FAULTS,
  ...WALL_FAULTS,
  ...OTHER_FAULTS,
];

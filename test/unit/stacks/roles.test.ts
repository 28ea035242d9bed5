import assert from "node:assert/strict";
import { test } from "node:test";
import { fetcherEnv } from "../../../services/fetcher/env.ts";
import { processorEnv } from "../../../services/processor/env.ts";
import { rendererEnv } from "../../../services/renderer/env.ts";
import { resultWorkerEnv } from "../../../services/result-worker/env.ts";
import { schedulerEnv } from "../../../services/scheduler/env.ts";
import { webuiEnv } from "../../../services/webui/env.ts";
import { PORTS } from "../../../stacks/roles.ts";

const ENVIRONMENT = {
  ORB_REDIS_URL: "redis://queue",
  ORB_DATABASE_URL: "postgres://store/orbweaver",
  ORB_ADMIN_TOKEN: "0123456789abcdef",
};

test("the stacks use each role's real port", () => {
  const schemas = {
    renderer: rendererEnv,
    fetcher: fetcherEnv,
    processor: processorEnv,
    "result-worker": resultWorkerEnv,
    webui: webuiEnv,
    scheduler: schedulerEnv,
  };

  const ports = Object.fromEntries(Object.entries(schemas).map(([role, schema]) => [role, schema.parse(ENVIRONMENT).port]));

  assert.deepEqual(ports, PORTS);
});

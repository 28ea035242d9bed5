import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { fetcherEnv } from "../../services/fetcher/env.ts";
import { processorEnv } from "../../services/processor/env.ts";
import { rendererEnv } from "../../services/renderer/env.ts";
import { resultWorkerEnv } from "../../services/result-worker/env.ts";
import { schedulerEnv } from "../../services/scheduler/env.ts";
import { webuiEnv } from "../../services/webui/env.ts";

const text = readFileSync(join(resolve(import.meta.dirname, "../.."), "services/README.md"), "utf8");
/** Read by every process; see services/core/runtime/env.ts. */
const EVERYWHERE = ["ORB_LOG_LEVEL", "ORB_NODE"];

/** The tables of "Settings" by the line above them: `scheduler, result-worker and webui` -> its variables. */
const tables = [...text.matchAll(/^(.+):\n\n\| variable \|.*\n\|[-|]+\n((?:\|.*\n)*)/gm)].map(([, title = "", rows = ""]) => ({
  title,
  variables: [...rows.matchAll(/^\| `(ORB_[A-Z_]+)` \|/gm)].map(([, name]) => name),
}));

const applies = (title: string, role: string) =>
  title === "Every role" || (title === "Every role but the renderer" ? role !== "renderer" : title.split(/, | and /).includes(role));

for (const [role, env] of [
  ["scheduler", schedulerEnv],
  ["fetcher", fetcherEnv],
  ["renderer", rendererEnv],
  ["processor", processorEnv],
  ["result-worker", resultWorkerEnv],
  ["webui", webuiEnv],
] as const) {
  test(`services/README.md lists every variable of the ${role}, and no other`, () => {
    const object = env.in;
    assert.ok(object instanceof z.ZodObject);

    const listed = tables.filter(({ title }) => applies(title, role)).flatMap(({ variables }) => variables);

    assert.deepEqual(listed.sort(), [...EVERYWHERE, ...Object.keys(object.shape)].sort());
  });
}

import { compileScript } from "../compiler/compile.ts";
import { MIB } from "../core/protocol/byte-units.ts";
import { DEBUG_CONTENT_BYTES, type DebugAnswer } from "../core/protocol/debug-step.ts";
import { JSON_LIMITS, parseJson } from "../core/protocol/json-limits.ts";
import { startTask } from "../core/protocol/start-task.ts";
import { DebugSteps } from "./debug-steps.ts";
import { pageText } from "./page-text.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";

/** The longest script, if every character needs escaping, and a task. */
const DEBUG_BODY_BYTES = 2 * MIB;

/** The debugger: runs a task with a script that is not saved, and stores nothing. */
export function debugRoutes({ queues }: WebuiContext): ApiRoute[] {
  const steps = new DebugSteps(queues);
  return [
    apiRoute({
      method: "POST",
      path: "/projects/:name/debug",
      summary: "Run one task with a script that is not saved, and return what it did; nothing of it is stored",
      params: schemas.projectParams,
      body: schemas.debugBody,
      bodyLimitBytes: DEBUG_BODY_BYTES,
      answers: { 200: schemas.debugReport },
      async handle({ params: { name }, body }, { reply }) {
        const { script, url = startTask.url, callback = startTask.process.callback, fetch, save } = body;
        const compiled = await compileScript(script, `${name}.ts`);
        const gone = new AbortController();
        reply.raw.once("close", () => gone.abort());
        try {
          return toReport(await steps.run(name, compiled, { url, callback, fetch, save }, gone.signal));
        } catch (error) {
          if (!gone.signal.aborted) throw error;
          return reply.hijack();
        }
      },
    }),
  ];
}

function toReport({ page: { content, ...page }, bytes, process, results, follows, messages }: DebugAnswer) {
  return {
    page: { ...page, ...pageText(content, page.headers["content-type"] ?? ""), bytes, isCut: bytes > DEBUG_CONTENT_BYTES },
    process,
    results: (results ?? []).map((text) => parseJson(text, JSON_LIMITS.page)),
    follows,
    messages,
  };
}

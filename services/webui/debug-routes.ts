import { compileScript } from "../compiler/compile.ts";
import { MIB } from "../core/protocol/byte-units.ts";
import { DEBUG_CONTENT_BYTES, type DebugAnswer } from "../core/protocol/debug-step.ts";
import { JSON_LIMITS, parseJson } from "../core/protocol/json-limits.ts";
import { startTask } from "../core/protocol/start-task.ts";
import { taskidOfUrl } from "../core/protocol/taskid.ts";
import { type KeptPage, readKeptPage } from "../core/store/kept-pages.ts";
import type { Database } from "../core/store/sql.ts";
import { openSession } from "./authentication.ts";
import { DebugSteps } from "./debug-steps.ts";
import { NotFoundError } from "./errors.ts";
import { pageText } from "./page-text.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";

/** The longest script, if every character needs escaping, and a task. */
const DEBUG_BODY_BYTES = 2 * MIB;

/** The debugger: runs a task with a script that is not saved, and stores nothing. */
export function debugRoutes(context: WebuiContext): ApiRoute[] {
  const { database, queues } = context;
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
      async handle({ params: { name }, body }, { request, reply }) {
        const { script, url = startTask.url, callback = startTask.process.callback, fetch, save, page, taskid } = body;
        const compiled = await compileScript(script, `${name}.ts`);
        const kept = page === "stored" ? await requireKeptPage(database, name, taskid ?? taskidOfUrl(url)) : undefined;
        const user = (await openSession(context, request))?.id ?? "token";
        const gone = new AbortController();
        reply.raw.once("close", () => gone.abort());
        try {
          const task = { url, callback, fetch, save, keptPage: kept?.packed };
          return toReport(await steps.run(name, compiled, task, { user, signal: gone.signal }), kept?.time);
        } catch (error) {
          if (!gone.signal.aborted) throw error;
          return reply.hijack();
        }
      },
    }),
  ];
}

async function requireKeptPage(database: Database, project: string, taskid: string): Promise<KeptPage> {
  const kept = await readKeptPage(database, project, taskid);
  if (kept) return kept;
  throw new NotFoundError(`stored page of task ${taskid} in project ${project}`, "Fetch the page, or set keepPages and run the task.");
}

/** @param storedAt unix seconds; absent: the page was fetched. */
function toReport({ page: { content, ...page }, bytes, process, results, follows, messages }: DebugAnswer, storedAt?: number) {
  return {
    page: { ...page, ...pageText(content, page.headers["content-type"] ?? ""), bytes, isCut: bytes > DEBUG_CONTENT_BYTES, storedAt },
    process,
    results: (results ?? []).map((text) => parseJson(text, JSON_LIMITS.page)),
    follows,
    messages,
  };
}

import type { StepTask } from "../debugger/steps.ts";
import { projectPath } from "./client.ts";
import { request } from "./request.ts";
import type { DebugReport, PageSource } from "./types.ts";

/** Runs one task with a script that is not saved; an empty URL stands for onStart. */
export const debugStep = (project: string, script: string, { url, callback, follow }: StepTask, page: PageSource = "live") =>
  request<DebugReport>(`${projectPath(project)}/debug`, {
    method: "POST",
    body: {
      script,
      callback,
      ...(url === "" ? {} : { url }),
      ...(follow?.fetch ? { fetch: follow.fetch } : {}),
      ...(follow?.save === undefined ? {} : { save: follow.save }),
      ...(page === "stored" && url !== "" ? { page, ...(follow ? { taskid: follow.taskid } : {}) } : {}),
    },
  });

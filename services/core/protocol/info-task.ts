import { INFO_TASKID } from "./task.ts";

/** Asks a script for its declarations: its `crawlConfig`, its `@every` methods and the like. */
export const infoTask = { taskid: INFO_TASKID, url: "data:,_on_get_info", process: { callback: "_info" } };

import { type Follow, START_TASKID } from "./task.ts";

/** What "run" means of a project: its `onStart` at once, however fresh its last run is. */
export const startTask: Follow = {
  taskid: START_TASKID,
  url: "data:,on_start",
  schedule: { age: 0, priority: 9, forceUpdate: true },
  process: { callback: "onStart" },
};

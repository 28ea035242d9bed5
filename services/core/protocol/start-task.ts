import { type Follow, START_TASKID } from "./task.ts";

/** The task that "run" adds to a project: `onStart` immediately, whatever the age of its last run. */
export const startTask: Follow = {
  taskid: START_TASKID,
  url: "data:,on_start",
  schedule: { age: 0, priority: 9, forceUpdate: true },
  process: { callback: "onStart" },
};

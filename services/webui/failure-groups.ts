/** Failed tasks grouped by what failed. Pure. */

/** A failed task, as far as groups need it. */
export interface FailedTask {
  taskid: string;
  url: string;
  /** Of the last run's error; empty if it has none. */
  code: string;
  message: string;
  statusCode: number | null;
}

/** What the tasks of a group have in common. */
export interface FailureKey {
  code: string;
  statusCode: number | null;
  /** With its port; empty for URLs without one. */
  host: string;
  /** `books.ts:3`; empty if the error names no line of the script. */
  place: string;
}

export interface FailureGroup extends FailureKey {
  count: number;
  /** The task that changed last. */
  sample: Pick<FailedTask, "taskid" | "url" | "message">;
}

export function failureKey({ url, code, message, statusCode }: FailedTask): FailureKey {
  const host = /^\w+:\/\/([^/?#]*)/.exec(url)?.[1] ?? "";
  const place = /\((\w+\.ts:\d+):\d+\)/.exec(message)?.[1] ?? "";
  return { code, statusCode, host, place };
}

export const isSameFailure = (one: FailureKey, other: FailureKey): boolean =>
  one.code === other.code && one.statusCode === other.statusCode && one.host === other.host && one.place === other.place;

/** The largest group first; `tasks` in the order of their samples' preference. */
export function groupFailures(tasks: readonly FailedTask[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const task of tasks) {
    const key = failureKey(task);
    const text = JSON.stringify(key);
    const { taskid, url, message } = task;
    const group = groups.get(text) ?? { ...key, count: 0, sample: { taskid, url, message } };
    group.count++;
    groups.set(text, group);
  }
  return [...groups.values()].sort((one, other) => other.count - one.count);
}

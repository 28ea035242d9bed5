import { type InboxRequest, readInbox, readProjects, removeFromInbox } from "../core/store/scheduler-projects.ts";
import { readForRerun, type TaskKey } from "../core/store/scheduling.ts";
import type { Sql } from "../core/store/sql.ts";
import { beginClear, beginRerun } from "./chores.ts";
import type { Request } from "./intake.ts";
import type { SchedulerState } from "./state.ts";

/** Rows a round; more wait for the next. One may have a hundred requests, and 128 KiB (`inbox-parts.ts`). */
const INBOX_LIMIT = 100;

interface Context {
  state: SchedulerState;
  /** Projects whose notes are to be stored. */
  changed: Set<string>;
}

/**
 * Applies what users asked for, in their order: refreshes projects that changed, begins chores. What is asked of a project that is being cleared
 * waits in the inbox until that is done.
 *
 * @returns the tasks asked for.
 */
export async function takeInbox(sql: Sql, context: Context): Promise<Request[]> {
  const { state } = context;
  const rows = await readInbox(sql, INBOX_LIMIT, [...state.deferred.keys()]);
  if (rows.length === 0) return [];
  const applied: number[] = [];
  const asked: Asked = { requests: [], reruns: [] };
  for (const { id, request } of rows) {
    if (state.isHeld(request.project)) state.deferred.set(id, request.project);
    else {
      applied.push(id);
      await apply(sql, request, asked, context);
    }
  }
  await removeFromInbox(sql, applied);
  await refreshProjects(sql, new Set(rows.map(({ request }) => request.project)), context);
  return [...asked.requests, ...(await rerunRequests(sql, asked.reruns))];
}

interface Asked {
  requests: Request[];
  reruns: TaskKey[];
}

async function apply(sql: Sql, request: InboxRequest, asked: Asked, { state, changed }: Context): Promise<void> {
  const { kind, project } = request;
  if (kind === "follows") asked.requests.push(...request.follows.map((follow) => ({ ...follow, project })));
  else if (kind === "rerun") asked.reruns.push({ project, taskid: request.taskid });
  else if (kind === "rerunFailed") await beginRerun(sql, project, state);
  else if (kind !== "project") {
    if (kind === "delete") state.forget(project);
    await beginClear(sql, project, state);
    changed.add(project);
    // What was asked before goes with the rest.
    asked.requests = asked.requests.filter((asking) => asking.project !== project);
    asked.reruns = asked.reruns.filter((asking) => asking.project !== project);
  }
}

/** A project that has been deleted stays unknown until its rows are gone, also when another of the same name has been made. */
async function refreshProjects(sql: Sql, names: Set<string>, { state, changed }: Context): Promise<void> {
  const refreshed = [...names].filter((name) => !state.isHeld(name) || state.projects.has(name));
  for (const record of await readProjects(sql, refreshed)) {
    state.setRecord(record);
    if (state.hasNewPause(record.name)) changed.add(record.name);
    state.due.add(record.name);
  }
}

async function rerunRequests(sql: Sql, keys: TaskKey[]): Promise<Request[]> {
  if (keys.length === 0) return [];
  return (await readForRerun(sql, keys)).map(({ schedule, fetch, save, ...task }) => {
    const { exetime: _, ...kept } = schedule ?? {};
    return { ...task, schedule: { ...kept, forceUpdate: true }, fetch: fetch ?? {}, ...(save === null ? {} : { save }) };
  });
}

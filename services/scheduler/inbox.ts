import { JSON_LIMITS, parseJson } from "../core/protocol/json-limits.ts";
import type { InboxRequest } from "../core/protocol/messages.ts";
import { requireRequestShape } from "../core/queue/message-shape.ts";
import type { Sql } from "../core/store/sql.ts";
import { beginClear, beginRerun, beginSelect } from "./bulk-operations.ts";
import type { Request } from "./intake.ts";
import type { SchedulerState } from "./state.ts";
import { type InboxRow, type RejectedRow, readInbox, readProjects, rejectRequests, removeFromInbox } from "./store/scheduler-projects.ts";
import { prepareRerun, type TaskKey } from "./store/scheduling.ts";

/** Rows per round; the others wait for the next. A row may have a hundred requests, and 128 KiB (`inbox-parts.ts`). */
const INBOX_LIMIT = 100;

interface Context {
  state: SchedulerState;
  /** Projects whose state is to be stored. */
  changed: Set<string>;
  /** Unix seconds. */
  now: number;
}

/**
 * Applies users' requests in order: refreshes changed projects, begins bulk operations. Requests for a project that is being cleared wait in the
 * inbox until the clear has ended. Invalid rows are moved to `rejected_requests`.
 *
 * @returns the requested tasks.
 */
export async function takeInbox(sql: Sql, context: Context): Promise<Request[]> {
  const { state } = context;
  const rows = await readInbox(sql, INBOX_LIMIT, [...state.deferred.keys()]);
  if (rows.length === 0) return [];
  const { requests, rejected } = parseRequests(rows);
  if (rejected.length > 0) await rejectRequests(sql, rejected, context.now);
  state.rejected.push(...rejected);
  const applied: number[] = [];
  const asked: Asked = { requests: [], reruns: [] };
  for (const { id, request } of requests) {
    if (state.isHeld(request.project)) state.deferred.set(id, request.project);
    else {
      applied.push(id);
      await apply(sql, request, asked, context);
    }
  }
  await removeFromInbox(sql, applied);
  await refreshProjects(sql, new Set(requests.map(({ request }) => request.project)), context);
  return [...asked.requests, ...(await requestReruns(sql, asked.reruns))];
}

/** The database's rights let other roles write rows, too: an invalid row must not block later ones. */
function parseRequests(rows: InboxRow[]) {
  const requests: { id: number; request: InboxRequest }[] = [];
  const rejected: RejectedRow[] = [];
  for (const { id, text, beginning } of rows) {
    try {
      requests.push({ id, request: parseRequest(text) });
    } catch (error) {
      rejected.push({ id, beginning, reason: (error as Error).message });
    }
  }
  return { requests, rejected };
}

/** @param text JSON; null: too large. @throws Error that describes the problem. */
export function parseRequest(text: string | null): InboxRequest {
  if (text === null) throw new Error("larger than any request");
  const request = parseJson(text, JSON_LIMITS.message);
  requireRequestShape(request);
  return request;
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
  else if (kind === "rerunSelected") await beginSelect(sql, project, { ...request.selection, keptPages: request.keptPages }, state);
  else if (kind !== "project") {
    if (kind === "delete") state.forget(project);
    await beginClear(sql, project, state);
    changed.add(project);
    // Earlier requests are cleared as well.
    asked.requests = asked.requests.filter((asking) => asking.project !== project);
    asked.reruns = asked.reruns.filter((asking) => asking.project !== project);
  }
}

/** A deleted project stays unknown until its rows are gone, even if a new one of the same name exists. */
async function refreshProjects(sql: Sql, names: Set<string>, { state, changed }: Context): Promise<void> {
  const refreshed = [...names].filter((name) => !state.isHeld(name) || state.projects.has(name));
  for (const record of await readProjects(sql, refreshed)) {
    state.setRecord(record);
    if (state.hasNewPause(record.name)) changed.add(record.name);
    state.due.add(record.name);
  }
}

async function requestReruns(sql: Sql, keys: TaskKey[]): Promise<Request[]> {
  if (keys.length === 0) return [];
  return (await prepareRerun(sql, keys)).map(({ schedule, fetch, save, ...task }) => {
    const { exetime: _, ...kept } = schedule ?? {};
    return { ...task, schedule: { ...kept, forceUpdate: true }, fetch: fetch ?? {}, ...(save === null ? {} : { save }) };
  });
}

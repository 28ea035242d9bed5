import { isPaused } from "./auto-pause.ts";
import { type Demand, shareCredit } from "./credit.ts";
import { windowInDebt } from "./intake-limiter.ts";
import { needsLogin } from "./sessions.ts";
import type { SchedulerSettings } from "./settings.ts";
import { isActive, knowsScript, type SchedulerState } from "./state.ts";
import { allowance, fill } from "./token-bucket.ts";

export interface ShareContext {
  state: SchedulerState;
  settings: Pick<SchedulerSettings, "credit">;
  /** Pages that may still be fetched, over all projects. */
  pagesLeft: number;
  /** Unix seconds. */
  now: number;
}

/** How many tasks each project with due tasks may dispatch now, for those that may dispatch any. */
export function currentShares({ state, settings, pagesLeft, now }: ShareContext): Map<string, number> {
  const inFlight = { tasks: state.inFlight.size, bytes: state.inFlightBytes };
  const tasks = Math.min(settings.credit.tasks, inFlight.tasks + pagesLeft);
  return shareCredit(demands(state, now), inFlight, { ...settings.credit, tasks });
}

/** What each project with due tasks would dispatch now, from its tokens and its pace. */
function demands(state: SchedulerState, now: number): Demand[] {
  const isAlone = state.due.size === 1;
  return [...state.due].flatMap((name) => {
    const project = state.projects.get(name);
    if (!project || !isActive(project) || !knowsScript(project) || isPaused(project.pause, now) || needsLogin(project)) return [];
    const tokens = allowance(fill(project.bucket, project.record, now), project.record);
    const window = windowInDebt(project.debt, { window: project.window, isAlone, now });
    return [{ project: name, tokens, inFlight: project.inFlight, window, pageBytes: project.pageBytes }];
  });
}

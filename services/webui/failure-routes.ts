import { active, projectAction } from "./action-routes.ts";
import { failureKey, groupFailures, isSameFailure } from "./failure-groups.ts";
import { requireProject } from "./project-routes.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { FAILED_TASKS_READ, readFailedTasks } from "./store/failed-tasks.ts";

/** Groups of failed tasks, and running one of them again. */
export const failureRoutes = (context: WebuiContext): ApiRoute[] => [
  groupsRoute(context),
  projectAction(context, {
    path: "/projects/:name/failures/run",
    summary: "Run the tasks of a group of failed tasks again; the project must be in DEBUG or RUNNING",
    body: schemas.failureKey,
    async requests(project, key, sql) {
      const name = active(project);
      const tasks = (await readFailedTasks(sql, name)).filter((task) => isSameFailure(failureKey(task), key));
      return tasks.map(({ taskid }) => ({ kind: "rerun", project: name, taskid }));
    },
  }),
];

const groupsRoute = ({ database }: WebuiContext) =>
  apiRoute({
    method: "GET",
    path: "/projects/:name/failures",
    summary: `Failed tasks by error, HTTP status, host and line of the script, of at most ${FAILED_TASKS_READ} tasks`,
    params: schemas.projectParams,
    answers: { 200: schemas.failureGroups },
    isLive: true,
    async handle({ params: { name } }) {
      await requireProject(database, name);
      const tasks = await readFailedTasks(database, name);
      return { groups: groupFailures(tasks), isCut: tasks.length === FAILED_TASKS_READ };
    },
  });

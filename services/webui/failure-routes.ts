import { addToInbox } from "../core/store/inbox.ts";
import { getProject } from "../core/store/projects.ts";
import { active } from "./action-routes.ts";
import { failureKey, groupFailures, isSameFailure } from "./failure-groups.ts";
import { pokeScheduler } from "./poke.ts";
import { noSuchProject } from "./project-routes.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { FAILED_TASKS_READ, readFailedTasks } from "./store/failed-tasks.ts";

/** Groups of failed tasks, and running one of them again. */
export const failureRoutes = (context: WebuiContext): ApiRoute[] => [groupsRoute(context), rerunRoute(context)];

const groupsRoute = ({ database }: WebuiContext) =>
  apiRoute({
    method: "GET",
    path: "/projects/:name/failures",
    summary: `Failed tasks by error, HTTP status, host and line of the script, of at most ${FAILED_TASKS_READ} tasks`,
    params: schemas.projectParams,
    answers: { 200: schemas.failureGroups },
    isLive: true,
    async handle({ params: { name } }) {
      if (!(await getProject(database, name))) throw noSuchProject(name);
      const tasks = await readFailedTasks(database, name);
      return { groups: groupFailures(tasks), isCut: tasks.length === FAILED_TASKS_READ };
    },
  });

function rerunRoute(context: WebuiContext): ApiRoute {
  const { database } = context;
  return apiRoute({
    method: "POST",
    path: "/projects/:name/failures/run",
    summary: "Run the tasks of a group of failed tasks again; the project must be in DEBUG or RUNNING",
    params: schemas.projectParams,
    body: schemas.failureKey,
    answers: { 202: schemas.accepted },
    async handle({ params: { name }, body: key }, { reply }) {
      const project = await getProject(database, name);
      if (!project) throw noSuchProject(name);
      active(project);
      const tasks = (await readFailedTasks(database, name)).filter((task) => isSameFailure(failureKey(task), key));
      await database.transaction(async (sql) => {
        for (const { taskid } of tasks) await addToInbox(sql, { kind: "rerun", project: name, taskid });
      });
      pokeScheduler(context);
      return reply.code(202).send({ accepted: true });
    },
  });
}

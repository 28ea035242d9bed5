import { getProject, listProjects, putProject } from "./client.ts";
import { RequestError } from "./request-error.ts";

/** Creates a stopped project with the script and the settings of another. Throws RequestError if the name is taken. */
export async function copyProject(name: string, copy: string): Promise<void> {
  const [{ script, rate, burst, group, comments }, taken] = await Promise.all([getProject(name).load(), listProjects(copy).load()]);
  if (taken.length > 0) throw new RequestError(409, `A project ${copy} already exists. Choose another name.`);
  await putProject(copy, { script, rate, burst, group, comments });
}

import { groupHas } from "../core/protocol/project-group.ts";
import { ProjectLockedError } from "./errors.ts";

/**
 * Refuses a change of a project with `lock` in its group, unless the change removes the word.
 *
 * @param changes absent: the project is to be cleared or deleted.
 * @throws ProjectLockedError
 */
export function refuseIfLocked(project: { name: string; group: string }, changes: { group?: string } = {}): void {
  if (groupHas(project.group, "lock") && groupHas(changes.group ?? project.group, "lock")) throw new ProjectLockedError(project.name);
}

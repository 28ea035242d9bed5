import { groupHas } from "../core/project-group.ts";

/** pyspider's `--delete-time`. */
export const DEFAULT_DELETE_SECONDS = 86_400;

/**
 * Whether a project goes with all that it has (scheduler.py `_check_delete`): stopped, `delete` in its group, and left alone for long enough;
 * not, as there, while it is locked.
 *
 * @param before unix seconds: changes since then keep it.
 */
export const isMarkedForDeletion = (
  { status, group, updatetime }: { status: string; group: string; updatetime: number },
  before: number,
): boolean => status === "STOP" && updatetime < before && groupHas(group, "delete") && !groupHas(group, "lock");

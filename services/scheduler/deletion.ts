import { groupHas } from "../core/protocol/project-group.ts";

/** pyspider's `--delete-time`. */
export const DEFAULT_DELETE_SECONDS = 86_400;

/**
 * Whether a project is deleted with all its data (scheduler.py `_check_delete`): stopped, `delete` in its group, and unchanged for long enough.
 * Unlike in pyspider, a locked project is not deleted.
 *
 * @param before unix seconds: a later change prevents the deletion.
 */
export const isMarkedForDeletion = (
  { status, group, updatetime }: { status: string; group: string; updatetime: number },
  before: number,
): boolean => status === "STOP" && updatetime < before && groupHas(group, "delete") && !groupHas(group, "lock");

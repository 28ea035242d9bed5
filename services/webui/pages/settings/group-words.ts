import { groupHas } from "../../../core/protocol/project-group.ts";

/** `"shop lock"`, false -> `"shop"`: a group with the word `lock`, or without it. Pure. */
export function withLock(group: string, isLocked: boolean): string {
  if (groupHas(group, "lock") === isLocked) return group;
  if (isLocked) return `${group} lock`.trim();
  return group
    .replace(/(?<!\w)lock(?!\w)/gi, "")
    .replace(/\s+/g, " ")
    .trim();
}

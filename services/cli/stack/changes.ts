/** What a deployment does, in numbers. */
import type { OpMap } from "@pulumi/pulumi/automation/index.js";

export interface Changes {
  create: number;
  update: number;
  replace: number;
  delete: number;
  same: number;
}

/** From the engine's own counts; what only it does (reading, refreshing) is left out, and a replacement is one, not three. */
export function countChanges(summary: OpMap | Record<string, number> = {}): Changes {
  const { create = 0, update = 0, replace = 0, delete: deleted = 0, same = 0 } = summary as Partial<Record<string, number>>;
  return { create, update, replace, delete: deleted, same };
}

export const hasChanges = ({ create, update, replace, delete: deleted }: Changes): boolean => create + update + replace + deleted > 0;

/** `3 to create, 1 to update, 40 unchanged` */
export function changesText({ same, ...changes }: Changes, done: boolean): string {
  const words = done
    ? { create: "created", update: "updated", replace: "replaced", delete: "deleted" }
    : { create: "to create", update: "to update", replace: "to replace", delete: "to delete" };
  const parts = Object.entries(words).flatMap(([kind, word]) => {
    const count = changes[kind as keyof typeof changes];
    return count > 0 ? [`${count} ${word}`] : [];
  });
  return [...(parts.length > 0 ? parts : ["no change"]), `${same} unchanged`].join(", ");
}

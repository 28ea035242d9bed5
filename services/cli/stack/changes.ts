/** What a deployment does, in numbers. */

export interface Changes {
  create: number;
  update: number;
  replace: number;
  delete: number;
  same: number;
}

export const hasChanges = ({ create, update, replace, delete: deleted }: Changes): boolean => create + update + replace + deleted > 0;

const WORDS = {
  done: { create: "created", update: "updated", replace: "replaced", delete: "deleted" },
  planned: { create: "to create", update: "to update", replace: "to replace", delete: "to delete" },
};

export interface ChangesTextOptions {
  isDone: boolean;
  /** How many of each kind may turn out not to be needed. */
  uncertain?: Partial<Changes>;
}

/** `3 to create, up to 1 to update, 40 unchanged` */
export function changesText({ same, ...changes }: Changes, { isDone, uncertain = {} }: ChangesTextOptions): string {
  const parts = Object.entries(isDone ? WORDS.done : WORDS.planned).flatMap(([kind, word]) => {
    const key = kind as keyof typeof changes;
    return changes[key] > 0 ? [`${uncertain[key] ? "up to " : ""}${changes[key]} ${word}`] : [];
  });
  return [...(parts.length > 0 ? parts : ["no change"]), `${same} unchanged`].join(", ");
}

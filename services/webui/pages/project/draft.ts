/** Unsaved text of scripts, kept in this browser so that a reload or a closed tab loses nothing. */

export interface Draft {
  text: string;
  /** Of the stored script that it was made from. */
  sourceHash: string;
}

type Texts = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const keyOf = (project: string) => `draft:${project}`;

/** Undefined without one, or if it is not ours. */
export function readDraft(storage: Texts, project: string): Draft | undefined {
  try {
    const draft = JSON.parse(storage.getItem(keyOf(project)) ?? "null") as Partial<Draft> | null;
    if (typeof draft?.text !== "string" || typeof draft.sourceHash !== "string") return undefined;
    return { text: draft.text, sourceHash: draft.sourceHash };
  } catch {
    return undefined;
  }
}

/** Undefined removes it. A browser without room, or without storage, keeps none. */
export function writeDraft(storage: Texts, project: string, draft: Draft | undefined): void {
  try {
    if (draft === undefined) storage.removeItem(keyOf(project));
    else storage.setItem(keyOf(project), JSON.stringify(draft));
  } catch {}
}

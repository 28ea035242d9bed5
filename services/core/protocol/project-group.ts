/**
 * Whether a project's group contains this word, in any case and with any separators (pyspider, projectdb `split_group`).
 *
 * - `delete`: the project is deleted a day after its last change, once it is stopped.
 * - `lock`: its script and settings cannot be changed, and it cannot be cleared or deleted, until the word is removed.
 */
export const groupHas = (group: string, word: "delete" | "lock"): boolean => group.toLowerCase().split(/\W+/).includes(word);

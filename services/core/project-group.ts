/**
 * Whether a project's group has this word, whatever its case and whatever stands between the words (pyspider, projectdb `split_group`).
 *
 * - `delete`: the project, once stopped, is deleted when it has been left alone for a day.
 * - `lock`: its script and settings cannot be changed, and it cannot be cleared or deleted, until the word is taken out.
 */
export const groupHas = (group: string, word: "delete" | "lock"): boolean => group.toLowerCase().split(/\W+/).includes(word);

/** Which of a project's ended tasks a person means, such as those that an edit concerns. */
import { type Check, isObject, isStorable } from "./checks.ts";

/** All given fields apply. None: every ended task. */
export interface TaskSelection {
  /** The name of their callback. */
  callback?: string;
  /** The code of their last run's error, such as `E_SCRIPT`. */
  code?: string;
  /** A part of their URL, with `*` for any characters. */
  url?: string;
}

/** The longest of each, in characters. */
export const SELECTION_LENGTHS = { callback: 255, code: 200, url: 1_024 } as const satisfies Record<keyof TaskSelection, number>;

export const isTaskSelection: Check = (value) =>
  isObject(value) &&
  Object.entries(value).every(
    ([name, text]) => Object.hasOwn(SELECTION_LENGTHS, name) && isStorable(text) && text.length <= SELECTION_LENGTHS[name as never],
  );

/** The effect of Tab and Shift-Tab on a text. Pure. */

export interface Selection {
  start: number;
  end: number;
}

/** Replace the text from `start` to `end` by `insert`, then select. */
export interface Edit extends Selection {
  insert: string;
  select: Selection;
}

const STEP = "  ";

/** Tab: within one line two spaces at the caret; on several lines each is moved in. */
export function indent(text: string, { start, end }: Selection): Edit {
  if (!text.slice(start, end).includes("\n")) return { start, end, insert: STEP, select: at(start + STEP.length) };
  return editLines(text, { start, end }, (line) => (line === "" ? line : STEP + line));
}

/** Shift-Tab: moves each line that the selection touches out by up to two spaces, or a tab. */
export const outdent = (text: string, selection: Selection): Edit => editLines(text, selection, (line) => line.replace(/^(\t| {1,2})/, ""));

function editLines(text: string, { start, end }: Selection, change: (line: string) => string): Edit {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  // A selection that ends before the first character of a line does not touch that line.
  const last = end > start && text[end - 1] === "\n" ? end - 1 : end;
  const lineEnd = text.indexOf("\n", last);
  const to = lineEnd === -1 ? text.length : lineEnd;
  const before = text.slice(from, to);
  const insert = before.split("\n").map(change).join("\n");
  if (start === end) return { start: from, end: to, insert, select: at(Math.max(from, start + insert.length - before.length)) };
  return { start: from, end: to, insert, select: { start: from, end: from + insert.length } };
}

const at = (offset: number): Selection => ({ start: offset, end: offset });

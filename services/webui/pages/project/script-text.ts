/** Places in a script's text. Pure. */
import type { Problem } from "../api/types.ts";

export interface Place {
  /** From 1. */
  line: number;
  column: number;
}

export interface PlacedProblem extends Place {
  message: string;
}

/** Problems with a place in the script (`books.ts:3:5`), and the others. */
export function splitProblems(problems: Problem[]): { placed: PlacedProblem[]; others: Problem[] } {
  const placed: PlacedProblem[] = [];
  const others: Problem[] = [];
  for (const problem of problems) {
    const [, line, column] = /^\w+\.ts:(\d+):(\d+)$/.exec(problem.path) ?? [];
    if (line && column) placed.push({ line: Number(line), column: Number(column), message: problem.remedy });
    else others.push(problem);
  }
  return { placed, others };
}

/** Where a place is in the text; a column past the line's end is the line's end, a line past the text's end the text's. */
export function offsetAt(text: string, { line, column }: Place): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = text.indexOf("\n", start);
    if (end === -1) return text.length;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  return Math.min(start + column - 1, end === -1 ? text.length : end);
}

export const countLines = (text: string): number => text.split("\n").length;

/** How many columns wide a line is when tabs stop at every second one, as in the editor. */
export function lineWidth(text: string, line: number): number {
  let width = 0;
  for (const character of text.split("\n")[line - 1] ?? "") width += character === "\t" ? 2 - (width % 2) : 1;
  return width;
}

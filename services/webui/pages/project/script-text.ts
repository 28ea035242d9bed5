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

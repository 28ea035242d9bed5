import { formatCount } from "../shell/amounts.ts";
import "./problem-list.css";
import type { PlacedProblem } from "./script-text.ts";

export interface ProblemListProps {
  problems: PlacedProblem[];
  /** How many more problems there are than the API lists. */
  more: number;
  onChoose: (problem: PlacedProblem) => void;
}

/** Why a script was not saved; each problem links to its place. */
export function ProblemList({ problems, more, onChoose }: ProblemListProps) {
  const count = problems.length + more;
  const title = count === 1 ? "1 problem" : `${formatCount(count)} problems`;
  return (
    <section className="problems" role="alert">
      <p>Not saved: {title} in the script</p>
      <ul>
        {problems.map((problem) => (
          <li key={`${problem.line}:${problem.column} ${problem.message}`}>
            <button type="button" onClick={() => onChoose(problem)}>
              <b>
                Line {problem.line}, column {problem.column}
              </b>{" "}
              {problem.message}
            </button>
          </li>
        ))}
        {more > 0 && <li>and {formatCount(more)} more</li>}
      </ul>
    </section>
  );
}

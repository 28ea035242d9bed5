import { formatCount } from "../shell/amounts.ts";
import "./problem-list.css";
import type { PlacedProblem } from "./script-text.ts";

/** What keeps a script from being saved; each problem leads to its place. */
export function ProblemList({ problems, onChoose }: { problems: PlacedProblem[]; onChoose: (problem: PlacedProblem) => void }) {
  const title = problems.length === 1 ? "1 problem" : `${formatCount(problems.length)} problems`;
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
      </ul>
    </section>
  );
}

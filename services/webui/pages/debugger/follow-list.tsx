import type { Follow } from "../api/types.ts";
import { formatCount } from "../shell/amounts.ts";

/** More are only counted: each is a row of the page. */
const SHOWN = 200;

/** The tasks that a step requested; each can be the next step. */
export function FollowList({ follows, onStepInto }: { follows: Follow[]; onStepInto: (follow: Follow) => void }) {
  if (follows.length === 0) return <p className="muted">The callback requested no tasks.</p>;
  return (
    <ul className="follow-list">
      {follows.slice(0, SHOWN).map((follow) => (
        <li key={follow.taskid}>
          <button type="button" onClick={() => onStepInto(follow)} aria-label={`Step into ${follow.url}`}>
            Step into
          </button>
          <span>
            <b>{follow.process.callback}</b> {follow.url}
          </span>
        </li>
      ))}
      {follows.length > SHOWN && <li className="muted">and {formatCount(follows.length - SHOWN)} more</li>}
    </ul>
  );
}

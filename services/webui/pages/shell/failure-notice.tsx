import { headline, type RequestError } from "../api/request-error.ts";
import { formatCount } from "./amounts.ts";
import "./failure-notice.css";

/** Why a request failed and what to do about it, in the API's words. */
export function FailureNotice({ failure, onDismiss }: { failure: RequestError; onDismiss?: () => void }) {
  return (
    <div className="failure" role="alert">
      <div>
        <p>{headline(failure)}</p>
        {failure.problems.length > 0 && (
          <ul>
            {failure.problems.map(({ path, remedy }) => (
              <li key={`${path} ${remedy}`}>
                <code>{path}</code> {remedy}
              </li>
            ))}
            {failure.moreProblems > 0 && <li>and {formatCount(failure.moreProblems)} more</li>}
          </ul>
        )}
      </div>
      {onDismiss && (
        <button type="button" className="quiet" aria-label="Dismiss this message" onClick={onDismiss}>
          ✕
        </button>
      )}
    </div>
  );
}

import type { TaskError } from "../../../core/messages.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { scriptPlaces } from "./script-places.ts";

/** What went wrong in a task's last run. With `project`, places in its script lead to the editor. */
export function TaskErrorNote({ error: { code, message, retryable }, project }: { error: TaskError; project?: string }) {
  const pieces = project === undefined ? [{ text: message }] : scriptPlaces(message, project);
  const keyed = pieces.map((piece, index) => ({ ...piece, key: `${index} ${piece.text}` }));
  return (
    <div className="task-error">
      <b>{code}</b>{" "}
      {keyed.map(({ key, text, line }) =>
        line && project ? (
          <Link key={key} href={addresses.script(project, line)}>
            {text}
          </Link>
        ) : (
          text
        ),
      )}
      <div className="muted">
        {retryable ? "Errors of this kind are tried again while retries are left." : "Errors of this kind are not tried again."}
      </div>
    </div>
  );
}

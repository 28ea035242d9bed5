import type { TaskError } from "../../../core/protocol/messages.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { scriptPlaces } from "./script-places.ts";

/** The error of a task's last run. With `project`, places in its script link to the editor. */
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
        {retryable ? "Tasks with this error are retried while retries are left." : "Tasks with this error are not retried."}
      </div>
    </div>
  );
}

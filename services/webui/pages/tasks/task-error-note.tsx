import type { TaskError } from "../../../core/protocol/messages.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { scriptPlaces } from "./script-places.ts";

/** The error of a task's last run. */
export function TaskErrorNote({ error: { code, message, retryable }, project }: { error: TaskError; project?: string }) {
  return (
    <div className="task-error">
      <TaskErrorText code={code} message={message} project={project} />
      <div className="muted">
        {retryable ? "Tasks with this error are retried while retries are left." : "Tasks with this error are not retried."}
      </div>
    </div>
  );
}

/** With `project`, places in its script link to the editor. */
export function TaskErrorText({ code, message, project }: { code: string; message: string; project: string | undefined }) {
  const pieces = project === undefined ? [{ text: message }] : scriptPlaces(message, project);
  const keyed = pieces.map((piece, index) => ({ ...piece, key: `${index} ${piece.text}` }));
  return (
    <>
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
    </>
  );
}

import type { TaskSummary } from "../api/types.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import "../shell/list-table.css";
import { Time } from "../shell/time.tsx";
import { TaskStatus } from "./task-status.tsx";
import "./task-table.css";

/** A page of tasks. */
export function TaskTable({ tasks }: { tasks: TaskSummary[] }) {
  return (
    <div className="panel scroll">
      <table className="tasks list-table">
        <thead>
          <tr>
            <th scope="col">status</th>
            <th scope="col">page</th>
            <th scope="col" title="HTTP status of the last run">
              HTTP
            </th>
            <th scope="col" title="Failures in a row">
              failures
            </th>
            <th scope="col">priority</th>
            <th scope="col">last run</th>
            <th scope="col">changed</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <Row key={task.taskid} task={task} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ task }: { task: TaskSummary }) {
  const { project, taskid, url, statusCode, errorCode, errorMessage, retried, priority, lastcrawltime, updatetime } = task;
  return (
    <tr>
      <td>
        <TaskStatus task={task} />
      </td>
      <td className="page-address">
        <Link href={addresses.task(project, taskid)}>{url}</Link>
        {errorCode && (
          <p className="task-reason" title={errorMessage ?? undefined}>
            <b>{errorCode}</b> {errorMessage}
          </p>
        )}
      </td>
      <td>{statusCode ?? "–"}</td>
      <td>{retried}</td>
      <td>{priority}</td>
      <td className="time">{lastcrawltime === null ? "never" : <Time at={lastcrawltime} />}</td>
      <td className="time">
        <Time at={updatetime} />
      </td>
    </tr>
  );
}

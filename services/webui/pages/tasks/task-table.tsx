import type { TaskSummary } from "../api/types.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import "../shell/list-table.css";
import { Time } from "../shell/time.tsx";
import { TaskStatus } from "./task-status.tsx";
import "./task-table.css";

export interface TaskTableProps {
  tasks: TaskSummary[];
  /** The task that is shown beside the table. */
  opened: string | undefined;
  /** The address of the list with a task beside it. */
  beside: (taskid: string) => string;
}

/** A page of tasks. */
export function TaskTable({ tasks, opened, beside }: TaskTableProps) {
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
            <th scope="col" className="further" title="Failures in a row">
              failures
            </th>
            <th scope="col" className="further">
              priority
            </th>
            <th scope="col" className="further">
              last run
            </th>
            <th scope="col">changed</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <Row key={task.taskid} task={task} isOpened={task.taskid === opened} beside={beside(task.taskid)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ task, isOpened, beside }: { task: TaskSummary; isOpened: boolean; beside: string }) {
  const { project, taskid, url, statusCode, errorCode, errorMessage, retried, priority, lastcrawltime, updatetime } = task;
  return (
    <tr className={isOpened ? "opened" : undefined}>
      <td>
        <TaskStatus task={task} />
      </td>
      <td className="page-address">
        <Link href={addresses.task(project, taskid)} beside={beside} aria-current={isOpened ? "true" : undefined}>
          {url}
        </Link>
        {errorCode && (
          <p className="task-reason" title={errorMessage ?? undefined}>
            <b>{errorCode}</b> {errorMessage}
          </p>
        )}
      </td>
      <td>{statusCode ?? "–"}</td>
      <td className="further">{retried}</td>
      <td className="further">{priority}</td>
      <td className="time further">{lastcrawltime === null ? "never" : <Time at={lastcrawltime} />}</td>
      <td className="time">
        <Time at={updatetime} />
      </td>
    </tr>
  );
}

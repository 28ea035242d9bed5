import type { TaskSummary } from "../api/types.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { type Column, ListTable } from "../shell/list-table.tsx";
import { Time } from "../shell/time.tsx";
import { TaskStatus } from "./task-status.tsx";
import "./task-table.css";

/** There is no room for the further ones beside a task. */
const COLUMNS: Column[] = [
  { title: "status" },
  { title: "page" },
  { title: "HTTP", hint: "HTTP status of the last run" },
  { title: "failures", hint: "Failures in a row", className: "further" },
  { title: "priority", className: "further" },
  { title: "last run", className: "further" },
  { title: "changed" },
];

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
    <ListTable className="tasks" columns={COLUMNS}>
      {tasks.map((task) => (
        <Row key={task.taskid} task={task} isOpened={task.taskid === opened} beside={beside(task.taskid)} />
      ))}
    </ListTable>
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

import type { ReactNode } from "react";
import { TASK_STATUS } from "../../../core/protocol/task.ts";
import { listTasks, rerunFailed } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import { useRemote } from "../api/use-remote.ts";
import { navigate } from "../navigation/location-store.ts";
import { addresses, type TasksView } from "../navigation/route.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { Filter } from "../shell/filter.tsx";
import { Pager } from "../shell/pager.tsx";
import { SearchForm } from "../shell/search-form.tsx";
import { BeyondNewest } from "./beyond-newest.tsx";
import { GroupedFailures } from "./grouped-failures.tsx";
import { RerunButton } from "./rerun-button.tsx";
import { TaskBeside } from "./task-beside.tsx";
import { TaskTable } from "./task-table.tsx";

const STATUSES = Object.keys(TASK_STATUS);

export interface TasksPageProps extends TasksView {
  name: string;
}

/** A project's tasks, the most recently changed first, and one of them beside the list. */
export function TasksPage({ name, status, search, after, task }: TasksPageProps) {
  const beside = (taskid?: string) => addresses.tasks(name, { status, search, after, task: taskid });
  const { data, failure } = useRemote(listTasks(name, { status, search, after }), POLL_MS);
  return (
    <section aria-label="Tasks">
      <title>{`Tasks of ${name} · Orbweaver`}</title>
      {failure && <FailureNotice failure={failure} />}
      <div className="list-bar">
        <StatusFilter name={name} status={status} search={search} />
        <SearchForm
          key={search}
          label="Search URLs and errors"
          placeholder="URL or error"
          maxLength={500}
          search={search}
          onSearch={(text) => navigate(addresses.tasks(name, { status, search: text }))}
        />
        {status === "FAILED" && data && data.tasks.length > 0 && (
          <RerunButton label="Run all failed tasks again" request={() => rerunFailed(name)} />
        )}
        {data && (
          <Pager
            newest={addresses.tasks(name, { status, search })}
            older={data.next === null ? undefined : addresses.tasks(name, { status, search, after: data.next })}
            isFirst={after === undefined}
          />
        )}
      </div>
      <div className={task === undefined ? undefined : "with-task"}>
        <div>
          {data && data.tasks.length > 0 && (
            <Listed name={name} status={status}>
              <TaskTable tasks={data.tasks} opened={task} beside={beside} />
            </Listed>
          )}
          {data?.tasks.length === 0 && <Nothing status={status} isSearch={search !== undefined} hasMore={data.next !== null} />}
        </div>
        {task !== undefined && <TaskBeside project={name} taskid={task} list={beside()} />}
      </div>
    </section>
  );
}

/** The table, below what failed if only failed tasks are listed. */
function Listed({ name, status, children }: Pick<TasksPageProps, "name" | "status"> & { children: ReactNode }) {
  return status === "FAILED" ? <GroupedFailures name={name}>{children}</GroupedFailures> : children;
}

function Nothing({ status, isSearch, hasMore }: Pick<TasksPageProps, "status"> & { isSearch: boolean; hasMore: boolean }) {
  if (!isSearch) return <NoTasks status={status} />;
  return hasMore ? <BeyondNewest searcher="A search" /> : <NotFound />;
}

function NotFound() {
  return (
    <section className="empty">
      <h2>No task matches</h2>
      <p>The search looks at URLs, error codes and error messages.</p>
    </section>
  );
}

function StatusFilter({ name, status, search }: Omit<TasksPageProps, "after" | "task">) {
  const choices = [undefined, ...STATUSES].map((one) => ({
    title: one ?? "All",
    href: addresses.tasks(name, { status: one, search }),
    isChosen: one === status,
  }));
  return <Filter label="Tasks by status" choices={choices} />;
}

function NoTasks({ status }: { status: string | undefined }) {
  return (
    <section className="empty">
      <h2>{status ? `No task is ${status}` : "No tasks yet"}</h2>
      <p>A task is one address and its callback. The first task appears when you run the project in state DEBUG or RUNNING.</p>
    </section>
  );
}

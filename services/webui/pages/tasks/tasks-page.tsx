import { TASK_STATUS } from "../../../core/protocol/task.ts";
import { listTasks, rerunFailed } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import type { TaskSummary } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { navigate } from "../navigation/location-store.ts";
import { addresses } from "../navigation/route.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { Filter } from "../shell/filter.tsx";
import { Pager } from "../shell/pager.tsx";
import { SearchForm } from "../shell/search-form.tsx";
import { BeyondNewest } from "./beyond-newest.tsx";
import { GroupedFailures } from "./grouped-failures.tsx";
import { RerunButton } from "./rerun-button.tsx";
import { TaskTable } from "./task-table.tsx";

const STATUSES = Object.keys(TASK_STATUS);

export interface TasksPageProps {
  name: string;
  status: string | undefined;
  search: string | undefined;
  after: string | undefined;
}

/** A project's tasks, the most recently changed first. */
export function TasksPage({ name, status, search, after }: TasksPageProps) {
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
      {data && data.tasks.length > 0 && <Listed name={name} status={status} tasks={data.tasks} />}
      {data?.tasks.length === 0 && <Nothing status={status} isSearch={search !== undefined} hasMore={data.next !== null} />}
    </section>
  );
}

function Listed({ name, status, tasks }: Pick<TasksPageProps, "name" | "status"> & { tasks: TaskSummary[] }) {
  const table = <TaskTable tasks={tasks} />;
  return status === "FAILED" ? <GroupedFailures name={name}>{table}</GroupedFailures> : table;
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

function StatusFilter({ name, status, search }: Omit<TasksPageProps, "after">) {
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

import { readLog } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import type { LogEntry } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { Link } from "../navigation/link.tsx";
import { navigate } from "../navigation/location-store.ts";
import { addresses } from "../navigation/route.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { type Column, ListTable } from "../shell/list-table.tsx";
import { Pager } from "../shell/pager.tsx";
import { SearchForm } from "../shell/search-form.tsx";
import { Time } from "../shell/time.tsx";
import { BeyondNewest } from "../tasks/beyond-newest.tsx";
import { TaskErrorText } from "../tasks/task-error-note.tsx";
import "./log-page.css";

const COLUMNS: Column[] = [{ title: "run" }, { title: "callback" }, { title: "printed by the script" }];

export interface LogPageProps {
  name: string;
  search: string | undefined;
  after: string | undefined;
}

/** What the script printed and how its runs failed, the newest first; it follows the crawl. */
export function LogPage({ name, search, after }: LogPageProps) {
  const { data, failure } = useRemote(readLog(name, { search, after }), POLL_MS);
  return (
    <section aria-label="Log">
      <title>{`Log of ${name} · Orbweaver`}</title>
      {failure && <FailureNotice failure={failure} />}
      <div className="list-bar">
        <SearchForm
          key={search}
          label="Search the log"
          placeholder="text, URL or error"
          maxLength={500}
          search={search}
          onSearch={(text) => navigate(addresses.log(name, { search: text }))}
        />
        {data && (
          <Pager
            newest={addresses.log(name, { search })}
            older={data.next === null ? undefined : addresses.log(name, { search, after: data.next })}
            isFirst={after === undefined}
          />
        )}
      </div>
      {data && data.entries.length > 0 && <Entries project={name} entries={data.entries} />}
      {data?.entries.length === 0 &&
        (data.next === null ? <Nothing isSearch={search !== undefined} /> : <BeyondNewest searcher="The log" />)}
    </section>
  );
}

function Entries({ project, entries }: { project: string; entries: LogEntry[] }) {
  return (
    <ListTable className="log" columns={COLUMNS}>
      {entries.map((entry) => (
        <Entry key={entry.taskid} project={project} entry={entry} />
      ))}
    </ListTable>
  );
}

function Entry({ project, entry }: { project: string; entry: LogEntry }) {
  const { taskid, url, callback, time, printed, isCut, errorCode, errorMessage } = entry;
  return (
    <tr>
      <td className="time">
        <Time at={time} />
      </td>
      <td>
        <code>{callback}</code>
      </td>
      <td className="log-text">
        <Link href={addresses.task(project, taskid)}>{url}</Link>
        {isCut && <p className="muted">The task has the text before this.</p>}
        {printed && <pre>{printed.trimEnd()}</pre>}
        {errorCode && (
          <p>
            <TaskErrorText code={errorCode} message={errorMessage ?? ""} project={project} />
          </p>
        )}
      </td>
    </tr>
  );
}

function Nothing({ isSearch }: { isSearch: boolean }) {
  return (
    <section className="empty">
      <h2>{isSearch ? "No entry matches" : "No entries yet"}</h2>
      <p>The log has what a script prints with console.log, and errors: of each task, those of its last run.</p>
    </section>
  );
}

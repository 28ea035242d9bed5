import { columnOfKey } from "../../../core/export/columns.ts";
import { listResults } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import type { ResultPage } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { addresses, type ResultsView } from "../navigation/route.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { Pager } from "../shell/pager.tsx";
import { columnsOf, namesItsPage, PAGE_COLUMN } from "./columns.ts";
import { ResultTable } from "./result-table.tsx";
import { ResultTools } from "./result-tools.tsx";

/** A project's results, the newest first; searched, with chosen columns, and all of them as a file. */
export function ResultsPage({ name, before, search, columns }: { name: string } & ResultsView) {
  const { data, failure } = useRemote(listResults(name, { before, search }), POLL_MS);
  const isEmpty = data?.results.length === 0 && before === undefined && search === undefined;
  return (
    <section aria-label="Results">
      <title>{`Results of ${name} · Orbweaver`}</title>
      {failure && <FailureNotice failure={failure} />}
      {isEmpty && <NoResults />}
      {data && !isEmpty && (
        <>
          <div className="list-bar">
            <ResultTools name={name} search={search} all={allColumns(data)} chosen={columns} />
            <Pager
              newest={addresses.results(name, { search, columns })}
              older={data.next === null ? undefined : addresses.results(name, { before: data.next, search, columns })}
              isFirst={before === undefined}
            />
          </div>
          {data.results.length > 0 ? (
            <ResultTable name={name} rows={data.results} columns={columns ?? shownColumns(data)} />
          ) : (
            <NothingFound hasOlder={data.next !== null} />
          )}
        </>
      )}
    </section>
  );
}

const allColumns = ({ results }: ResultPage): string[] => [PAGE_COLUMN, ...columnsOf(results).map(columnOfKey)];

/** Without a choice, the page's address has no column of its own if each result has it. */
const shownColumns = (page: ResultPage): string[] => allColumns(page).slice(namesItsPage(page.results) ? 1 : 0);

function NothingFound({ hasOlder }: { hasOlder: boolean }) {
  return (
    <section className="empty">
      <h2>Nothing found</h2>
      <p>
        {hasOlder ? "A search reads 20,000 results. “Older” searches on." : "No older result has this text in its address or its content."}
      </p>
    </section>
  );
}

function NoResults() {
  return (
    <section className="empty">
      <h2>No results yet</h2>
      <p>A result is what a callback returns. With the project in DEBUG or RUNNING, Run starts a crawl; each page is listed under Tasks.</p>
    </section>
  );
}

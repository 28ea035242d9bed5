import { exportAddress, listResults } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import type { ResultFormat } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { addresses } from "../navigation/route.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { Pager } from "../shell/pager.tsx";
import { ResultTable } from "./result-table.tsx";
import "./results-page.css";

const FORMATS: { format: ResultFormat; title: string }[] = [
  { format: "json", title: "JSON" },
  { format: "jsonl", title: "JSON lines" },
  { format: "csv", title: "CSV" },
  { format: "txt", title: "Text" },
];

/** A project's results, the newest first, and all of them as a file. */
export function ResultsPage({ name, before }: { name: string; before: string | undefined }) {
  const { data, failure } = useRemote(listResults(name, before), POLL_MS);
  return (
    <section aria-label="Results">
      <title>{`Results of ${name} · Orbweaver`}</title>
      {failure && <FailureNotice failure={failure} />}
      {data?.results.length === 0 && before === undefined && <NoResults />}
      {data && (data.results.length > 0 || before !== undefined) && (
        <>
          <div className="list-bar">
            <Pager
              newest={addresses.results(name)}
              older={data.next === null ? undefined : addresses.results(name, data.next)}
              isFirst={before === undefined}
            />
            <span className="exports">
              All as{" "}
              {FORMATS.map(({ format, title }) => (
                <a key={format} href={exportAddress(name, format)} download>
                  {title}
                </a>
              ))}
            </span>
          </div>
          <ResultTable name={name} rows={data.results} />
        </>
      )}
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

import { listTaskResults } from "../api/client.ts";
import { useRemote } from "../api/use-remote.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { compareResults } from "./compare-results.ts";
import { ResultChanges } from "./result-changes.tsx";

/** A step's results against the stored ones of its task. */
export function StoredResults({ project, taskid, results }: { project: string; taskid: string; results: readonly unknown[] }) {
  const { data, failure } = useRemote(listTaskResults(project, taskid));
  if (failure) return <FailureNotice failure={failure} />;
  if (!data) return null;
  if (data.results.some(({ isCut }) => isCut)) return <p className="muted">The stored results are too large to compare here.</p>;
  return (
    <ResultChanges
      changes={compareResults(
        data.results.map(({ result }) => result),
        results,
      )}
    />
  );
}

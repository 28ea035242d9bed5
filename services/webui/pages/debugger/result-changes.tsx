import type { ResultChange } from "./compare-results.ts";

/** Changes of results, field by field. */
export function ResultChanges({ changes }: { changes: ResultChange[] }) {
  const shown = changes.filter(({ kind }) => kind !== "same");
  if (shown.length === 0) return <p className="muted">Equal to what is stored.</p>;
  return (
    <ul className="result-changes">
      {shown.map(({ kind, index, fields }) => (
        <li key={index}>
          <b>
            result {index}: {kind}
          </b>
          <dl>
            {fields.map(({ field, before, after }) => (
              <div key={field}>
                {field && <dt>{field}</dt>}
                {before !== undefined && (
                  <dd>
                    <del>{JSON.stringify(before)}</del>
                  </dd>
                )}
                {after !== undefined && (
                  <dd>
                    <ins>{JSON.stringify(after)}</ins>
                  </dd>
                )}
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

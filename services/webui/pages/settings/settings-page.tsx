import { getTicks } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import type { SummaryRow } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { Time } from "../shell/time.tsx";
import { CopyForm } from "./copy-form.tsx";
import { FieldsForm } from "./fields-form.tsx";
import { MessageForm } from "./message-form.tsx";
import { RunUrlForm } from "./run-url-form.tsx";
import "./settings-page.css";

/** Everything of a project that is not its script, and single requests to it. */
export function SettingsPage({ project }: { project: SummaryRow }) {
  const { name } = project;
  return (
    <section className="settings" aria-label="Settings">
      <title>{`Settings of ${name} · Orbweaver`}</title>
      {/* Its drafts begin with the stored values. */}
      <FieldsForm project={project} />
      <RunUrlForm name={name} />
      <MessageForm name={name} />
      <CopyForm name={name} />
      <NextTicks name={name} />
    </section>
  );
}

function NextTicks({ name }: { name: string }) {
  const { data } = useRemote(getTicks(name), 5 * POLL_MS);
  return (
    <section className="panel">
      <h2>Next calls by the clock</h2>
      {data?.length === 0 && <p className="hint">No method has @every or @cron, or the script has not run yet.</p>}
      {data && data.length > 0 && (
        <ul>
          {data.map(({ callback, at }) => (
            <li key={callback}>
              <code>{callback}</code> <Time at={at} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

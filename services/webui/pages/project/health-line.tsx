import { getHealth, putProject, runProject } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import type { Health } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { useRemote } from "../api/use-remote.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import "./health-line.css";

/** The words of each remedy's button, and what it does. */
const REMEDIES: Record<NonNullable<Health["remedy"]>, { text: string; act: (name: string) => Promise<unknown> } | undefined> = {
  setRunning: { text: "Set to RUNNING", act: (name) => putProject(name, { status: "RUNNING" }) },
  raiseRate: { text: "Set the rate to 1 a second", act: (name) => putProject(name, { rate: 1 }) },
  run: { text: "Run onStart", act: (name) => runProject(name) },
  // The script is on the same page.
  editScript: undefined,
};

/** Whether the project's tasks run; if not, why, and a button that helps. */
export function HealthLine({ name }: { name: string }) {
  const { data } = useRemote(getHealth(name), POLL_MS);
  const { isBusy, failure, run, dismiss } = useAction();
  if (!data) return null;
  const remedy = data.remedy && REMEDIES[data.remedy];
  return (
    <>
      <div className={`health ${data.state}`} role="status">
        <span>{data.reason}</span>
        {remedy && (
          <button type="button" disabled={isBusy} onClick={() => run(() => remedy.act(name))}>
            {remedy.text}
          </button>
        )}
      </div>
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
    </>
  );
}

import { useState } from "react";
import { changeEach, deleteProject, putProject, runProject } from "../api/client.ts";
import { headline, toRequestError } from "../api/request-error.ts";
import { formatCount } from "../shell/amounts.ts";
import { Dialog } from "../shell/dialog.tsx";

const ACTIONS: { text: string; act: (name: string) => Promise<unknown> }[] = [
  { text: "Set to RUNNING", act: (name) => putProject(name, { status: "RUNNING" }) },
  { text: "Run onStart", act: (name) => runProject(name) },
  { text: "Stop", act: (name) => putProject(name, { status: "STOP" }) },
];
const FAILURES_SHOWN = 5;

export interface BulkBarProps {
  /** The selected projects. */
  names: string[];
  onClear: () => void;
}

/** What can be done with all selected projects at once. */
export function BulkBar({ names, onClear }: BulkBarProps) {
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ done: number; failures: string[] }>();
  const [isDeleting, setDeleting] = useState(false);
  const apply = async (act: (name: string) => Promise<unknown>) => {
    setBusy(true);
    setOutcome(undefined);
    const failures = await changeEach(names, act);
    setOutcome({
      done: names.length - failures.length,
      failures: failures.map(({ name, error }) => `${name}: ${headline(toRequestError(error))}`),
    });
    setBusy(false);
  };
  return (
    <section className="bulk panel" aria-label="Selected projects">
      <b>{formatCount(names.length)} selected</b>
      {ACTIONS.map(({ text, act }) => (
        <button key={text} type="button" disabled={isBusy} onClick={() => apply(act)}>
          {text}
        </button>
      ))}
      <button type="button" className="danger" disabled={isBusy} onClick={() => setDeleting(true)}>
        Delete…
      </button>
      <button type="button" className="quiet" onClick={onClear}>
        Clear the selection
      </button>
      <span role="status">{isBusy ? "Working…" : outcome && outcomeText(outcome)}</span>
      {outcome && outcome.failures.length > 0 && (
        <ul className="problem">
          {outcome.failures.slice(0, FAILURES_SHOWN).map((failure) => (
            <li key={failure}>{failure}</li>
          ))}
        </ul>
      )}
      {isDeleting && (
        <DeleteDialog
          names={names}
          onClose={() => setDeleting(false)}
          onConfirm={() => {
            setDeleting(false);
            void apply(deleteProject);
          }}
        />
      )}
    </section>
  );
}

const outcomeText = ({ done, failures }: { done: number; failures: string[] }) =>
  failures.length === 0 ? `Done: ${formatCount(done)}.` : `Done: ${formatCount(done)}. Refused: ${formatCount(failures.length)}.`;

const NAMES_SHOWN = 10;

function DeleteDialog({ names, onClose, onConfirm }: { names: string[]; onClose: () => void; onConfirm: () => void }) {
  const more = names.length - NAMES_SHOWN;
  return (
    <Dialog title={`Delete ${formatCount(names.length)} ${names.length === 1 ? "project" : "projects"}?`} onClose={onClose}>
      <p>
        This permanently deletes the scripts, tasks and results of {names.slice(0, NAMES_SHOWN).join(", ")}
        {more > 0 && ` and ${formatCount(more)} more`}.
      </p>
      <div className="actions">
        <button type="button" onClick={onClose}>
          Keep them
        </button>
        <button type="button" className="danger" onClick={onConfirm}>
          Delete
        </button>
      </div>
    </Dialog>
  );
}

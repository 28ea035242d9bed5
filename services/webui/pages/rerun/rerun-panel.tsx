import { useState } from "react";
import { countSelected } from "../api/client.ts";
import { rerunSelected } from "../api/task-requests.ts";
import type { PageSource, ProjectSummary, SelectedTasks, TaskSelection } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { useRemote } from "../api/use-remote.ts";
import { summaryOf } from "../debugger/compare-results.ts";
import { ResultChanges } from "../debugger/result-changes.tsx";
import { formatCount } from "../shell/amounts.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { useSettled } from "../shell/use-settled.ts";
import { KeepPages } from "./keep-pages.tsx";
import "./rerun-panel.css";
import { type Trial, trySample } from "./sample.ts";

/** Counting reads the tasks: not for each key. */
const SETTLE_MS = 400;

export interface RerunPanelProps {
  project: Pick<ProjectSummary, "name" | "keepPages">;
  /** The editor's text, saved or not. */
  script: string;
  /** Saves the text and lets the project run; resolves to whether that succeeded. */
  onSave: () => Promise<boolean>;
  onClose: () => void;
}

/** Applies an edit to pages that were crawled before: how many tasks it concerns, what changes on a sample, and the rerun. */
export function RerunPanel({ project, script, onSave, onClose }: RerunPanelProps) {
  const { name } = project;
  const [selection, setSelection] = useState<TaskSelection>({});
  const [source, setSource] = useState<PageSource>(project.keepPages ? "stored" : "live");
  const [trials, setTrials] = useState<Trial[]>([]);
  const [isQueued, setQueued] = useState(false);
  const { isBusy, failure, run, dismiss } = useAction();
  const selected = useRemote(countSelected(name, useSettled(selection, SETTLE_MS)));
  const tasks = selected.data;
  const problem = failure ?? selected.failure;

  const change = (next: TaskSelection) => {
    setSelection(next);
    setTrials([]);
    setQueued(false);
  };
  const onTry = () =>
    run(async () => {
      setTrials([]);
      await trySample({ project: name, script, source }, tasks?.sample ?? [], (trial) => setTrials((known) => [...known, trial]));
    });
  const onRerun = async () => {
    if (!(await onSave())) return;
    setQueued(await run(() => rerunSelected(name, selection, source)));
  };
  return (
    <section className="rerun-panel panel" aria-label="Run again">
      <h2>Run tasks again with this script</h2>
      <SelectionFields selection={selection} callbacks={tasks?.callbacks ?? []} onChange={change} />
      <p role="status">{tasks ? sentenceOf(tasks) : "Counting…"}</p>
      <KeepPages project={project} />
      <div className="actions">
        <select aria-label="Pages of the rerun" value={source} onChange={({ target }) => setSource(target.value as PageSource)}>
          <option value="live">fetch the pages again</option>
          <option value="stored">use stored pages where there are any</option>
        </select>
        <button type="button" className="quiet" onClick={onClose}>
          Close
        </button>
        <button type="button" disabled={isBusy || !tasks || tasks.count === 0} onClick={onTry}>
          {isBusy ? "Running…" : `Try on ${tasks?.sample.length ?? 0}`}
        </button>
        <button type="button" className="primary" disabled={isBusy || !tasks || tasks.count === 0} onClick={onRerun}>
          Save and run again
        </button>
      </div>
      {isQueued && <output>Saved; the tasks run again within the project's rate.</output>}
      {problem && <FailureNotice failure={problem} onDismiss={dismiss} />}
      {trials.length > 0 && <Trials trials={trials} />}
    </section>
  );
}

function sentenceOf({ count, isCut, keptPages }: SelectedTasks): string {
  const tasks = count === 1 ? "1 task has" : `${isCut ? "More than " : ""}${formatCount(count)} tasks have`;
  const pages = keptPages === 0 ? "No page of them is stored." : `The page of ${formatCount(keptPages)} is stored.`;
  return `${tasks} run and would run again. ${pages}`;
}

interface SelectionFieldsProps {
  selection: TaskSelection;
  callbacks: SelectedTasks["callbacks"];
  onChange: (selection: TaskSelection) => void;
}

function SelectionFields({ selection, callbacks, onChange }: SelectionFieldsProps) {
  const set = (name: keyof TaskSelection, text: string) => {
    const { [name]: _, ...others } = selection;
    onChange(text === "" ? others : { ...others, [name]: text });
  };
  return (
    <div className="rerun-selection">
      <label>
        Callback
        <input
          list="rerun-callbacks"
          value={selection.callback ?? ""}
          placeholder="all"
          onChange={({ target }) => set("callback", target.value)}
        />
        <datalist id="rerun-callbacks">
          {callbacks.map(({ callback }) => (
            <option key={callback} value={callback} />
          ))}
        </datalist>
      </label>
      <label>
        Error code
        <input value={selection.code ?? ""} placeholder="any, or E_SCRIPT" onChange={({ target }) => set("code", target.value.trim())} />
      </label>
      <label>
        Part of the URL
        <input value={selection.url ?? ""} placeholder="all, or /book/*" onChange={({ target }) => set("url", target.value.trim())} />
      </label>
    </div>
  );
}

function Trials({ trials }: { trials: Trial[] }) {
  return (
    <ul className="rerun-sample" aria-label="Sample">
      {trials.map(({ taskid, url, changes, error }) => (
        <li key={taskid}>
          <details>
            <summary>
              {error === undefined ? summaryOf(changes) : "fails"} <span className="muted">{url}</span>
            </summary>
            {error === undefined ? <ResultChanges changes={changes} /> : <p className="problem">{error}</p>}
          </details>
        </li>
      ))}
    </ul>
  );
}

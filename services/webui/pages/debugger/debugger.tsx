import { useEffect, useReducer, useState } from "react";
import { getTask } from "../api/client.ts";
import { debugStep } from "../api/debug-step.ts";
import type { PageSource } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { useShortcut } from "../shell/use-shortcut.ts";
import "./debugger.css";
import { readPins, writePins } from "./pins.ts";
import { StepForm } from "./step-form.tsx";
import { historyAfter, historyOf } from "./step-history.ts";
import { StepList } from "./step-list.tsx";
import { StepReport } from "./step-report.tsx";
import { idFor, newSession, type StepTask, taskOf, taskOfStored } from "./steps.ts";

export interface DebuggerProps {
  project: string;
  /** The editor's text, saved or not. */
  script: string;
  /** A stored task to begin with. */
  taskid: string | undefined;
  /** Writes code into the script. */
  onInsert: (code: string) => void;
}

/** Runs single steps of the script as it is in the editor. Nothing of them is stored. */
export function Debugger({ project, script, taskid, onInsert }: DebuggerProps) {
  const [{ past, now, future }, change] = useReducer(historyAfter, project, (name) => historyOf(newSession(readPins(localStorage, name))));
  const { steps, shown } = now;
  const [running, setRunning] = useState<number>();
  const [source, setSource] = useState<PageSource>("live");
  const { isBusy, failure, run, dismiss } = useAction();
  const step = steps.find(({ id }) => id === shown);
  useEffect(() => writePins(localStorage, project, steps), [project, steps]);
  useEffect(() => {
    if (taskid === undefined) return;
    void run(async () => {
      const task = taskOfStored(await getTask(project, taskid).load());
      change({ kind: "open", task });
    });
  }, [project, taskid, run]);

  const runTask = async (id: number, task: StepTask) => {
    if (isBusy) return;
    setRunning(id);
    await run(async () => change({ kind: "ran", id, report: await debugStep(project, script, task, source) }));
    setRunning(undefined);
  };
  const addAndRun = (task: StepTask, parent?: number) => {
    const id = idFor(steps, task, parent);
    change({ kind: "add", id, task, parent });
    void runTask(id, task);
  };
  const onRun = () => step && void runTask(step.id, step);
  useShortcut("enter", onRun);

  return (
    <section className="debugger" aria-label="Debugger">
      <div className="step-bar">
        <h2>Steps</h2>
        <button type="button" className="primary" disabled={isBusy} title="Ctrl-Enter; unsaved text runs, too" onClick={onRun}>
          {isBusy ? "Running…" : "Run step"}
        </button>
        <button
          type="button"
          disabled={isBusy || past.length === 0}
          aria-label="Undo the last step"
          onClick={() => change({ kind: "undo" })}
        >
          ↶
        </button>
        <button type="button" disabled={isBusy || future.length === 0} aria-label="Redo the step" onClick={() => change({ kind: "redo" })}>
          ↷
        </button>
        <select
          aria-label="Where pages come from"
          title="Stored pages are those that the project keeps"
          value={source}
          onChange={({ target }) => setSource(target.value as PageSource)}
        >
          <option value="live">fetch pages</option>
          <option value="stored">stored pages</option>
        </select>
      </div>
      <StepForm isBusy={isBusy} onRun={addAndRun} />
      <StepList
        steps={steps}
        shown={shown}
        running={running}
        onShow={(id) => change({ kind: "show", id })}
        onRemove={(id) => change({ kind: "remove", id })}
        onPin={(id, isPinned) => change({ kind: "pin", id, isPinned })}
      />
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
      {step?.report && (
        <StepReport
          key={step.id}
          project={project}
          taskid={step.follow?.taskid}
          report={step.report}
          onInsert={onInsert}
          onStepInto={(follow) => addAndRun(taskOf(follow), step.id)}
        />
      )}
      {step && !step.report && !isBusy && (
        <p className="muted">Run this step to see its page, its results and the tasks that it requests. Nothing is stored.</p>
      )}
    </section>
  );
}

import { useReducer, useState } from "react";
import { debugStep } from "../api/client.ts";
import type { Follow } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { useShortcut } from "../shell/use-shortcut.ts";
import "./debugger.css";
import { StepForm } from "./step-form.tsx";
import { StepList } from "./step-list.tsx";
import { StepReport } from "./step-report.tsx";
import { idFor, newSession, type StepTask, sessionAfter } from "./steps.ts";

export interface DebuggerProps {
  project: string;
  /** The editor's text, saved or not. */
  script: string;
}

/** Runs single steps of the script as it is in the editor. Nothing of them is stored. */
export function Debugger({ project, script }: DebuggerProps) {
  const [{ steps, shown }, change] = useReducer(sessionAfter, newSession);
  const [running, setRunning] = useState<number>();
  const { isBusy, failure, run, dismiss } = useAction();
  const step = steps.find(({ id }) => id === shown);

  const runTask = async (id: number, task: StepTask) => {
    if (isBusy) return;
    setRunning(id);
    await run(async () => change({ kind: "ran", id, report: await debugStep(project, script, task) }));
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
      </div>
      <StepForm isBusy={isBusy} onRun={addAndRun} />
      <StepList
        steps={steps}
        shown={shown}
        running={running}
        onShow={(id) => change({ kind: "show", id })}
        onRemove={(id) => change({ kind: "remove", id })}
      />
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
      {step?.report && (
        <StepReport key={step.id} project={project} report={step.report} onStepInto={(follow) => addAndRun(taskOf(follow), step.id)} />
      )}
      {step && !step.report && !isBusy && (
        <p className="muted">Run this step to see its page, its results and the tasks that it requests. Nothing is stored.</p>
      )}
    </section>
  );
}

const taskOf = (follow: Follow): StepTask => ({
  url: follow.url,
  callback: follow.process.callback,
  follow,
});

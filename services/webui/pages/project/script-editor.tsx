import { useCallback, useEffect, useRef, useState } from "react";
import { putProject, runProject } from "../api/client.ts";
import type { Project } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { Debugger } from "../debugger/debugger.tsx";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { useShortcut } from "../shell/use-shortcut.ts";
import { CodeArea } from "./code-area.tsx";
import { ProblemList } from "./problem-list.tsx";
import "./script-editor.css";
import { offsetAt, type Place, splitProblems } from "./script-text.ts";
import { useUnsavedWarning } from "./use-unsaved-warning.ts";

export interface ScriptEditorProps extends Pick<Project, "name" | "script" | "status"> {
  /** The initial position of the caret. */
  line: number | undefined;
}

/** Edits, saves and runs a script. A script that does not compile is not saved, and its problems are shown in their lines. */
export function ScriptEditor({ name, script, status, line }: ScriptEditorProps) {
  const [text, setText] = useState(script);
  const [saved, setSaved] = useState(script);
  const [done, setDone] = useState("");
  const textarea = useRef<HTMLTextAreaElement>(null);
  const { isBusy, failure, run, dismiss } = useAction();
  const { placed, others } = splitProblems(failure?.problems ?? []);
  const isDirty = text !== saved;
  useUnsavedWarning(isDirty);

  const save = async (state?: Project["status"]) => {
    await putProject(name, { script: text, ...(state ? { status: state } : {}) });
    setSaved(text);
    setDone("Saved");
  };
  const onSave = () => run(() => save());
  const onSaveAndRun = () =>
    run(async () => {
      // A running project's changed script would move it to CHECKING, in which no task runs.
      await save(status === "RUNNING" ? "RUNNING" : "DEBUG");
      await runProject(name);
      setDone("Saved; onStart is queued");
    });
  useShortcut("s", onSave);

  const goTo = useCallback((place: Place) => textarea.current && showPlace(textarea.current, place), []);
  useEffect(() => {
    if (line !== undefined) goTo({ line, column: 1 });
  }, [line, goTo]);

  return (
    <div className="workbench">
      <section aria-label="Script">
        {failure && (placed.length === 0 || others.length > 0) && <FailureNotice failure={failure} onDismiss={dismiss} />}
        <div className="script-bar">
          <span className={isDirty ? "unsaved" : "muted"} role="status">
            {isDirty ? "Unsaved changes" : done}
          </span>
          <button type="button" disabled={isBusy} title="Ctrl-S" onClick={onSave}>
            Save
          </button>
          <button type="button" className="primary" disabled={isBusy} title={runTitle(status)} onClick={onSaveAndRun}>
            Save and run
          </button>
        </div>
        {placed.length > 0 && <ProblemList problems={placed} more={failure?.moreProblems ?? 0} onChoose={goTo} />}
        <CodeArea label={`Script of ${name}`} text={text} problems={placed} textarea={textarea} onChange={setText} />
      </section>
      <Debugger project={name} script={text} />
    </div>
  );
}

const runTitle = (status: Project["status"]) =>
  status === "RUNNING" || status === "DEBUG" ? "Runs onStart immediately" : "Sets the state to DEBUG and runs onStart";

/** Moves the caret there, with some lines above it visible. */
function showPlace(textarea: HTMLTextAreaElement, place: Place): void {
  const offset = offsetAt(textarea.value, place);
  textarea.focus();
  textarea.setSelectionRange(offset, offset);
  const lineHeight = Number.parseFloat(getComputedStyle(textarea).lineHeight);
  textarea.scrollTop = Math.max(0, (place.line - 5) * lineHeight);
}

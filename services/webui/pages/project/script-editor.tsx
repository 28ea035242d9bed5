import { useEffect, useMemo, useRef, useState } from "react";
import { getProject, putProject, runProject } from "../api/client.ts";
import type { Project } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { Debugger } from "../debugger/debugger.tsx";
import type { EditorCommand } from "../editor/code-editor.tsx";
import { Deferred, deferred } from "../navigation/deferred.tsx";
import { RerunPanel } from "../rerun/rerun-panel.tsx";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { useShortcut } from "../shell/use-shortcut.ts";
import { readDraft } from "./draft.ts";
import { ProblemList } from "./problem-list.tsx";
import { ScriptConflict } from "./script-conflict.tsx";
import "./script-editor.css";
import { type Place, splitProblems } from "./script-text.ts";
import { useKeptDraft } from "./use-kept-draft.ts";
import { useUnsavedWarning } from "./use-unsaved-warning.ts";

const ScriptHistory = deferred(async () => (await import("./script-history.tsx")).ScriptHistory);
const CodeEditor = deferred(async () => (await import("../editor/code-editor.tsx")).CodeEditor);

export interface ScriptEditorProps {
  project: Pick<Project, "name" | "script" | "sourceHash">;
  /** They change while the script is edited. */
  status: Project["status"];
  keepPages: Project["keepPages"];
  /** The initial position of the caret. */
  line: number | undefined;
  /** A task to debug. */
  taskid: string | undefined;
}

/** Edits, saves and runs a script. A script that does not compile is not saved, and its problems are shown in their lines. */
export function ScriptEditor({ project: { name, script, sourceHash }, status, keepPages, line, taskid }: ScriptEditorProps) {
  const [draft] = useState(() => readDraft(localStorage, name));
  const [text, setText] = useState(draft?.text ?? script);
  // A save right after a key must not send the text of the last rendering.
  const latest = useRef(text);
  const change = (changed: string) => {
    latest.current = changed;
    setText(changed);
  };
  const [saved, setSaved] = useState({ script, sourceHash: draft?.sourceHash ?? sourceHash });
  const [done, setDone] = useState("");
  const [isRerunning, setRerunning] = useState(false);
  const [showsHistory, setShowsHistory] = useState(false);
  const [command, send] = useState<EditorCommand>();
  const goTo = (place: Place) => send({ kind: "move", place });
  const { isBusy, failure, run, dismiss } = useAction();
  const { placed, others } = useMemo(() => splitProblems(failure?.problems ?? []), [failure]);
  const isConflict = failure?.code === "E_SCRIPT_CONFLICT";
  const isDirty = text !== saved.script;
  useUnsavedWarning(isDirty);
  const { sourceHash: basedOn } = saved;
  useKeptDraft(
    name,
    useMemo(() => (isDirty ? { text, sourceHash: basedOn } : undefined), [isDirty, text, basedOn]),
  );

  /** `over`: the hash of the stored script that the user has seen. */
  const save = async ({ state, over = saved.sourceHash }: { state?: Project["status"]; over?: string } = {}) => {
    const condition = over === "" ? {} : { ifSourceHash: over };
    setSaved(await putProject(name, { script: latest.current, ...(state ? { status: state } : {}), ...condition }));
    setDone("Saved");
  };
  const onSave = () => run(() => save());
  const onSaveAndRun = () =>
    run(async () => {
      // A running project's changed script would move it to CHECKING, in which no task runs.
      await save({ state: status === "RUNNING" ? "RUNNING" : "DEBUG" });
      await runProject(name);
      setDone("Saved; onStart is queued");
    });
  const onSaveForRerun = () => run(() => save({ state: status === "RUNNING" ? "RUNNING" : "DEBUG" }));
  useShortcut("s", onSave);
  const onDiscard = () => {
    if (window.confirm("Discard the unsaved changes, and open the stored script?"))
      void run(async () => openStored(await getProject(name).load()));
  };
  const openStored = (stored: Project) => {
    change(stored.script);
    setSaved(stored);
    setDone("");
    dismiss();
  };

  useEffect(() => {
    if (line !== undefined) send({ kind: "move", place: { line, column: 1 } });
  }, [line]);

  return (
    <div className="workbench">
      <section aria-label="Script">
        {failure && (placed.length === 0 || others.length > 0) && <FailureNotice failure={failure} onDismiss={dismiss} />}
        {isConflict && (
          <ScriptConflict
            name={name}
            text={text}
            isBusy={isBusy}
            onOpen={openStored}
            onSave={(merged, stored) => {
              change(merged);
              void run(() => save({ over: stored.sourceHash }));
            }}
          />
        )}
        <div className="script-bar">
          <span className={isDirty ? "unsaved" : "muted"} role="status">
            {isDirty ? "Unsaved changes" : done}
          </span>
          {isDirty && (
            <button type="button" className="quiet" disabled={isBusy} onClick={onDiscard}>
              Discard
            </button>
          )}
          <button type="button" title="Shift-Alt-F" onClick={() => send({ kind: "format" })}>
            Format
          </button>
          <button type="button" aria-expanded={showsHistory} onClick={() => setShowsHistory(!showsHistory)}>
            History
          </button>
          <button type="button" disabled={isBusy} title="Ctrl-S" onClick={onSave}>
            Save
          </button>
          <button type="button" className="primary" disabled={isBusy} title={runTitle(status)} onClick={onSaveAndRun}>
            Save and run
          </button>
          <button type="button" aria-expanded={isRerunning} onClick={() => setRerunning(!isRerunning)}>
            Run again…
          </button>
        </div>
        {isRerunning && (
          <RerunPanel project={{ name, keepPages }} script={text} onSave={onSaveForRerun} onClose={() => setRerunning(false)} />
        )}
        {showsHistory && (
          <Deferred>
            <ScriptHistory name={name} text={text} savedHash={saved.sourceHash} onRestore={change} />
          </Deferred>
        )}
        {placed.length > 0 && <ProblemList problems={placed} more={failure?.moreProblems ?? 0} onChoose={goTo} />}
        <div className="editor-place">
          <Deferred>
            <CodeEditor label={`Script of ${name}`} text={text} problems={placed} command={command} onChange={change} />
          </Deferred>
        </div>
      </section>
      <Debugger project={name} script={text} taskid={taskid} onInsert={(code) => send({ kind: "insert", text: code })} />
    </div>
  );
}

const runTitle = (status: Project["status"]) =>
  status === "RUNNING" || status === "DEBUG" ? "Runs onStart immediately" : "Sets the state to DEBUG and runs onStart";

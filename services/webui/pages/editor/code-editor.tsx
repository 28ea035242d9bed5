import { EditorState, StateEffect } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useEffectEvent, useRef } from "react";
import type { Place, PlacedProblem } from "../project/script-text.ts";
import "./code-editor.css";
import { codeSetup } from "./code-setup.ts";
import { formatText } from "./format-text.ts";
import { setProblems } from "./problem-marks.ts";

export type EditorCommand =
  /** Moves the caret; past a line's end is its end, past the last line is the text's end. */
  | { kind: "move"; place: Place }
  | { kind: "format" }
  /** Writes at the caret, in place of what is selected. */
  | { kind: "insert"; text: string };

export interface CodeEditorProps {
  label: string;
  /** A text that is not the last one of `onChange` replaces the editor's. */
  text: string;
  problems: readonly PlacedProblem[];
  /** Each new object is carried out once. */
  command: EditorCommand | undefined;
  onChange: (text: string) => void;
}

/** CodeMirror, in a shadow root: the content security policy allows its styles there, because they are no elements of the document. */
export function CodeEditor({ label, text, problems, command, onChange }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const shown = useRef(text);
  const onText = useEffectEvent((changed: string) => {
    shown.current = changed;
    onChange(changed);
  });

  useEffect(() => {
    const root = host.current?.shadowRoot ?? host.current?.attachShadow({ mode: "open" });
    if (!root) return;
    const onUpdate = EditorView.updateListener.of(({ docChanged, state }) => docChanged && onText(state.doc.toString()));
    const state = EditorState.create({ doc: shown.current, extensions: [codeSetup(label), onUpdate, typesAfterFirstEdit()] });
    const view = new EditorView({ state, parent: root, root });
    editor.current = view;
    return () => view.destroy();
  }, [label]);
  useEffect(() => {
    if (text !== shown.current && editor.current) replaceText(editor.current, text);
  }, [text]);
  useEffect(() => editor.current?.dispatch({ effects: setProblems.of(problems) }), [problems]);
  useEffect(() => {
    if (command && editor.current) carryOut(editor.current, command);
  }, [command]);

  return <div className="code-host" ref={host} />;
}

/** Loads the compiler when the text is first changed: most who open a script only read it. */
function typesAfterFirstEdit() {
  let isAsked = false;
  return EditorView.updateListener.of(async ({ docChanged, view }) => {
    if (!docChanged || isAsked) return;
    isAsked = true;
    // Without types the editor works all the same.
    const support = await import("./type-support.ts").catch(() => undefined);
    if (support && view.dom.isConnected) view.dispatch({ effects: StateEffect.appendConfig.of(support.typeSupport()) });
  });
}

const replaceText = (view: EditorView, text: string) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });

function carryOut(view: EditorView, command: EditorCommand): void {
  if (command.kind === "move") moveTo(view, command.place);
  else if (command.kind === "format") void formatText(view);
  else {
    view.dispatch(view.state.replaceSelection(command.text), { scrollIntoView: true, userEvent: "input" });
    view.focus();
  }
}

function moveTo(view: EditorView, { line, column }: Place): void {
  const { doc } = view.state;
  const at = doc.line(Math.min(line, doc.lines));
  const anchor = line > doc.lines ? doc.length : Math.min(at.from + column - 1, at.to);
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
  view.focus();
}

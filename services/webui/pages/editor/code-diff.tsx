import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useEffectEvent, useRef } from "react";
import "./code-editor.css";
import { readingSetup } from "./code-setup.ts";

/** Makes each difference a choice between both texts. */
export interface DiffChoices {
  /** The names of the buttons: for the lines of `after`, and for those of `before`. */
  after: string;
  before: string;
  /** Called with the text after each choice. */
  onChange: (text: string) => void;
}

export interface CodeDiffProps {
  label: string;
  before: string;
  after: string;
  choices?: DiffChoices;
}

/** The lines that differ between two texts, each with some lines around it; the removed ones above the added ones. */
export function CodeDiff({ label, before, after, choices }: CodeDiffProps) {
  const host = useRef<HTMLDivElement>(null);
  const { after: keepName, before: takeName } = choices ?? {};
  const onText = useEffectEvent((text: string) => choices?.onChange(text));
  useEffect(() => {
    const root = host.current?.shadowRoot ?? host.current?.attachShadow({ mode: "open" });
    if (!root) return;
    const mergeControls =
      keepName !== undefined &&
      takeName !== undefined &&
      ((kind: "accept" | "reject", choose: (event: MouseEvent) => void) => choiceButton(kind === "accept" ? keepName : takeName, choose));
    const difference = unifiedMergeView({ original: before, mergeControls, collapseUnchanged: { margin: 3 } });
    const onUpdate = EditorView.updateListener.of(({ docChanged, state }) => docChanged && onText(state.doc.toString()));
    const state = EditorState.create({ doc: after, extensions: [readingSetup(label), difference, onUpdate] });
    const view = new EditorView({ state, parent: root, root });
    return () => view.destroy();
  }, [label, before, after, keepName, takeName]);
  return <div className="code-host diff" ref={host} />;
}

function choiceButton(name: string, choose: (event: MouseEvent) => void): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cm-button";
  button.textContent = name;
  button.addEventListener("click", choose);
  return button;
}

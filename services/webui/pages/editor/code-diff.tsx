import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import "./code-editor.css";
import { readingSetup } from "./code-setup.ts";

export interface CodeDiffProps {
  label: string;
  before: string;
  after: string;
}

/** The lines that differ between two texts, each with some lines around it; the removed ones above the added ones. */
export function CodeDiff({ label, before, after }: CodeDiffProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const root = host.current?.shadowRoot ?? host.current?.attachShadow({ mode: "open" });
    if (!root) return;
    const difference = unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: { margin: 3 } });
    const state = EditorState.create({ doc: after, extensions: [readingSetup(label), difference] });
    const view = new EditorView({ state, parent: root, root });
    return () => view.destroy();
  }, [label, before, after]);
  return <div className="code-host diff" ref={host} />;
}

import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  showPanel,
} from "@codemirror/view";
import { formatText } from "./format-text.ts";
import { problemMarks } from "./problem-marks.ts";
import { theme } from "./theme.ts";
import { typedOver } from "./typed-over.ts";

const HINT_ID = "leaving";
const HINT =
  "Tab indents. Escape, then Tab leaves the editor; Ctrl-M lets Tab always leave it. Ctrl-F searches, Ctrl-Space completes, Shift-Alt-F formats.";

/** TypeScript that can be read, and reached with the keyboard, but not changed. */
export const readingSetup = (label: string): Extension => [
  lineNumbers(),
  EditorState.readOnly.of(true),
  EditorState.tabSize.of(2),
  EditorView.editable.of(false),
  javascript({ typescript: true }),
  theme,
  EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
];

/** An editor for TypeScript, except what belongs to one text. */
export const codeSetup = (label: string): Extension => [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightActiveLine(),
  history(),
  drawSelection(),
  EditorState.tabSize.of(2),
  indentUnit.of("  "),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  typedOver,
  search({ top: true }),
  highlightSelectionMatches(),
  javascript({ typescript: true }),
  problemMarks,
  theme,
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"),
    ...searchKeymap,
    ...historyKeymap,
    ...completionKeymap,
    ...lintKeymap,
    { key: "Shift-Alt-f", run: onFormat },
    indentWithTab,
  ]),
  EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": HINT_ID }),
  showPanel.of(() => ({ dom: hint() })),
];

function onFormat(view: EditorView): boolean {
  void formatText(view);
  return true;
}

function hint(): HTMLElement {
  const text = document.createElement("div");
  text.id = HINT_ID;
  text.className = "cm-hint";
  text.textContent = HINT;
  return text;
}

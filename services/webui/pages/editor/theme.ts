import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The page's colours; its custom properties and its colour scheme reach into the shadow root. */
const look = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "13px" },
  "&.cm-focused": { outline: "0" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--muted)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "light-dark(#00000008, #ffffff0a)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "light-dark(#bcd2f7, #2c4470)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "light-dark(#cfe3d6, #2b4a37)" },
  ".cm-selectionMatch": { backgroundColor: "light-dark(#e4ecd0, #3a4528)" },
  ".cm-searchMatch": { backgroundColor: "light-dark(#ffe8a3, #5b4a12)", outline: "0" },
  ".cm-searchMatch-selected": { backgroundColor: "light-dark(#ffc766, #85590a)" },
  ".cm-problem": { backgroundColor: "var(--failed-ground)", boxShadow: "inset 3px 0 0 var(--failed)" },
  ".cm-problem-text": { paddingLeft: "3ch", color: "var(--failed)" },
  ".cm-deletedChunk": { backgroundColor: "var(--failed-ground)" },
  "&.cm-merge-b .cm-changedLine": { backgroundColor: "light-dark(#e6f4ea, #16281d)" },
  "&.cm-merge-b .cm-changedText": { background: "light-dark(#bfe3cb, #24502f)" },
  "& .cm-deletedChunk .cm-deletedText": { background: "light-dark(#f5c6c2, #5f2a27)" },
  ".cm-changedLineGutter": { backgroundColor: "var(--success)" },
  ".cm-deletedLineGutter": { backgroundColor: "var(--failed)" },
  ".cm-collapsedLines": { color: "var(--muted)", background: "var(--sunken)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)", font: "13px / 1.45 var(--sans)" },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-hint": { padding: "2px 8px", color: "var(--muted)", fontSize: "12px" },
  ".cm-textfield, .cm-button": {
    color: "var(--text)",
    background: "var(--surface)",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    fontSize: "13px",
  },
  ".cm-textfield:focus-visible, .cm-button:focus-visible, .cm-panel button:focus-visible, .cm-panel input:focus-visible": {
    outline: "2px solid var(--accent)",
  },
  ".cm-panel [name=close]": { color: "var(--text)" },
  ".cm-tooltip": {
    maxWidth: "min(640px, 90vw)",
    color: "var(--text)",
    backgroundColor: "var(--surface)",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { color: "var(--on-accent)", backgroundColor: "var(--accent)" },
  ".cm-type": { padding: "6px 8px", font: "12.5px / 1.45 var(--mono)", whiteSpace: "pre-wrap" },
  ".cm-type p": { margin: "6px 0 0", fontFamily: "var(--sans)" },
});

/** On `--surface` each has a contrast of at least 4.5 in both schemes (WCAG 2.2, 1.4.3). */
const code = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "light-dark(#8b2fa8, #d3a1e8)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "light-dark(#1f6e41, #7fd0a1)" },
  { tag: [tags.number, tags.bool, tags.null], color: "light-dark(#9a4a00, #e6ad6e)" },
  { tag: [tags.comment, tags.meta], color: "var(--muted)" },
  { tag: [tags.typeName, tags.className, tags.namespace], color: "light-dark(#0b6a7a, #75c8d8)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--accent)" },
]);

/** How code looks, light and dark. */
export const theme = [look, syntaxHighlighting(code)];

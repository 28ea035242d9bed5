import { autocompletion, type CompletionContext, type CompletionResult, ifNotIn } from "@codemirror/autocomplete";
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { type EditorView, hoverTooltip } from "@codemirror/view";
import type { Completion, TypeFacts } from "./type-checker.ts";
import { askTypes } from "./types-client.ts";

/** After the last key. A check of a short script takes about 100 ms, and a problem is to be seen within 300. */
const CHECK_DELAY_MS = 120;
/** A long script is checked after a pause as long as its last check took, but not longer than this. */
const LONGEST_PAUSE_MS = 2_000;
/** What one writes there is no name. */
const COMMENTS = ["LineComment", "BlockComment"];
/** TypeScript's kinds whose name CodeMirror does not have. */
const KINDS: Record<string, string> = {
  getter: "property",
  setter: "property",
  "local var": "variable",
  let: "variable",
  const: "constant",
};

/** Type errors, completions and types under the pointer. A script with type errors can be saved, so they are warnings. */
export const typeSupport = (): Extension => [
  linter(findProblems, { delay: CHECK_DELAY_MS }),
  lintGutter(),
  autocompletion({ override: [ifNotIn(COMMENTS, complete)] }),
  hoverTooltip(describeName),
];

/** A check of a long script takes longer than the pauses between keys: one runs at a time, and those of texts that have changed are skipped. */
let lastCheck: Promise<unknown> = Promise.resolve();
let lastCheckMs = 0;

async function findProblems(view: EditorView): Promise<Diagnostic[]> {
  const { doc } = view.state;
  // A check beside the keys would slow them: the worker shares the cores with the page.
  await new Promise((paused) => setTimeout(paused, Math.min(lastCheckMs, LONGEST_PAUSE_MS) - CHECK_DELAY_MS));
  const check = lastCheck.then(() => (view.state.doc === doc ? checkOf(doc.toString()) : undefined));
  lastCheck = check;
  return ((await check) ?? []).map((problem) => ({ ...problem, severity: "warning" }));
}

async function checkOf(text: string) {
  const start = performance.now();
  const problems = await askTypes("problems", text);
  lastCheckMs = performance.now() - start;
  return problems;
}

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/[\w$]*/);
  const from = word?.from ?? context.pos;
  const isMember = context.state.sliceDoc(from - 1, from) === ".";
  if (!context.explicit && !isMember && from === context.pos) return null;
  const text = context.state.doc.toString();
  const entries = await askTypes("completions", text, context.pos);
  if (!entries || context.aborted) return null;
  return { from, validFor: /^[\w$]*$/, options: entries.map((entry) => optionOf(entry, { text, at: context.pos })) };
}

const optionOf = ({ name, kind, sortText }: Completion, { text, at }: { text: string; at: number }) => ({
  label: name,
  type: KINDS[kind] ?? kind,
  sortText: `${sortText} ${name}`,
  // What is near comes first; globals have 15.
  boost: -(Number.parseInt(sortText, 10) || 0),
  info: async () => {
    const facts = await askTypes("describe", text, at, name);
    return facts ? factsElement(facts) : null;
  },
});

async function describeName(view: EditorView, at: number) {
  const facts = await askTypes("hover", view.state.doc.toString(), at);
  if (!facts) return null;
  return { pos: facts.from, end: facts.to, create: () => ({ dom: factsElement(facts) }) };
}

function factsElement({ type, documentation }: TypeFacts): HTMLElement {
  const element = document.createElement("div");
  element.className = "cm-type";
  element.append(type);
  if (documentation) {
    const text = document.createElement("p");
    text.textContent = documentation;
    element.append(text);
  }
  return element;
}

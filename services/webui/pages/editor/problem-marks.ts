import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import type { PlacedProblem } from "../project/script-text.ts";

/** Replaces the problems that are shown. */
export const setProblems = StateEffect.define<readonly PlacedProblem[]>();

/** Marks the lines that have problems, with the message at the end of the line. */
export const problemMarks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { effects, changes, state }) {
    const problems = effects.find((effect) => effect.is(setProblems))?.value as readonly PlacedProblem[] | undefined;
    if (!problems) return marks.map(changes);
    const lines = problems.filter(({ line }) => line <= state.doc.lines).map((problem) => ({ problem, at: state.doc.line(problem.line) }));
    return Decoration.set(
      lines.flatMap(({ problem, at }) => [
        Decoration.line({ class: "cm-problem" }).range(at.from),
        Decoration.widget({ widget: new ProblemText(problem.message), side: 1 }).range(at.to),
      ]),
      true,
    );
  },
  provide: (field) => EditorView.decorations.from(field),
});

class ProblemText extends WidgetType {
  readonly message: string;

  constructor(message: string) {
    super();
    this.message = message;
  }

  override eq(other: ProblemText): boolean {
    return other.message === this.message;
  }

  toDOM(): HTMLElement {
    const text = document.createElement("span");
    text.className = "cm-problem-text";
    // The list of problems says it to screen readers.
    text.ariaHidden = "true";
    text.textContent = this.message;
    return text;
  }
}

import { type CSSProperties, type KeyboardEvent, type Ref, type UIEvent, useMemo, useRef } from "react";
import "./code-area.css";
import { indent, outdent } from "./indent.ts";
import { countLines, lineWidth, type PlacedProblem } from "./script-text.ts";

export interface CodeAreaProps {
  label: string;
  text: string;
  problems: PlacedProblem[];
  textarea: Ref<HTMLTextAreaElement>;
  onChange: (text: string) => void;
}

/** A textarea for code: line numbers, problems at the end of their lines, Tab indents (after Escape it leaves, as elsewhere). */
export function CodeArea({ label, text, problems, textarea, onChange }: CodeAreaProps) {
  const frame = useRef<HTMLDivElement>(null);
  const tabLeaves = useRef(false);
  const lines = countLines(text);
  const numbers = useMemo(() => Array.from({ length: lines }, (_, index) => index + 1).join("\n"), [lines]);
  const onScroll = ({ currentTarget }: UIEvent<HTMLTextAreaElement>) => {
    frame.current?.style.setProperty("--scrolled-down", `${-currentTarget.scrollTop}px`);
    frame.current?.style.setProperty("--scrolled-right", `${-currentTarget.scrollLeft}px`);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (key === "Tab" && !ctrlKey && !metaKey && !altKey && !tabLeaves.current) {
      event.preventDefault();
      changeIndent(event.currentTarget, shiftKey);
    }
    // The Shift of a Shift-Tab is a separate key event.
    if (key !== "Shift") tabLeaves.current = key === "Escape";
  };
  return (
    <div className="code" ref={frame}>
      <pre className="gutter" aria-hidden="true">
        {numbers}
      </pre>
      <div className="code-body">
        <div className="marks" aria-hidden="true">
          {problems.map((problem) => (
            <Mark key={`${problem.line}:${problem.column} ${problem.message}`} problem={problem} width={lineWidth(text, problem.line)} />
          ))}
        </div>
        <textarea
          ref={textarea}
          aria-label={label}
          title="Tab indents; Escape, then Tab leaves the editor"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          value={text}
          onChange={({ target }) => onChange(target.value)}
          onScroll={onScroll}
          onKeyDown={onKeyDown}
        />
      </div>
    </div>
  );
}

function Mark({ problem: { line, message }, width }: { problem: PlacedProblem; width: number }) {
  return (
    <div className="mark" style={{ "--line-index": line - 1, "--columns": width } as CSSProperties}>
      <span>{message}</span>
    </div>
  );
}

function changeIndent(textarea: HTMLTextAreaElement, isOut: boolean): void {
  const { value, selectionStart: start, selectionEnd: end } = textarea;
  const edit = (isOut ? outdent : indent)(value, { start, end });
  textarea.setSelectionRange(edit.start, edit.end);
  // The only way to change a textarea so that Ctrl-Z undoes it.
  document.execCommand(edit.insert === "" ? "delete" : "insertText", false, edit.insert);
  textarea.setSelectionRange(edit.select.start, edit.select.end);
}

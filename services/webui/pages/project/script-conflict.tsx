import { useEffect, useRef, useState } from "react";
import { getProject } from "../api/client.ts";
import type { Project } from "../api/types.ts";
import { Deferred, deferred } from "../navigation/deferred.tsx";

const CodeDiff = deferred(async () => (await import("../editor/code-diff.tsx")).CodeDiff);

export interface ScriptConflictProps {
  name: string;
  /** The editor's text. */
  text: string;
  isBusy: boolean;
  onOpen: (stored: Project) => void;
  /** Saves a text over the stored script that the user has seen. */
  onSave: (text: string, stored: Project) => void;
}

/** How the editor's text differs from the stored script, after another user saved it; of each difference the user takes one side. */
export function ScriptConflict({ name, text, isBusy, onOpen, onSave }: ScriptConflictProps) {
  const [stored, setStored] = useState<Project>();
  const merged = useRef(text);
  useEffect(() => {
    // Its failure is shown by the next action.
    getProject(name)
      .load()
      .then(setStored, () => {});
  }, [name]);
  useEffect(() => {
    merged.current = text;
  }, [text]);
  const choices = {
    after: "Keep mine",
    before: "Take the stored lines",
    onChange: (chosen: string) => {
      merged.current = chosen;
    },
  };
  return (
    <section className="conflict panel" aria-label="The stored script">
      <p>Red lines are stored, green lines are yours. Without a choice, yours are kept.</p>
      {stored && (
        <Deferred>
          <CodeDiff label={`Differences from the stored script of ${name}`} before={stored.script} after={text} choices={choices} />
        </Deferred>
      )}
      <div className="actions">
        <button type="button" disabled={isBusy || !stored} onClick={() => stored && onOpen(stored)}>
          Open the stored script, and lose mine
        </button>
        <button type="button" className="primary" disabled={isBusy || !stored} onClick={() => stored && onSave(merged.current, stored)}>
          Save with these choices
        </button>
      </div>
    </section>
  );
}

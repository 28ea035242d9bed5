import { useEffect, useState } from "react";
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
  onOverwrite: () => void;
}

/** How the editor's text differs from the stored script, after another user saved it; the user chooses one of them. */
export function ScriptConflict({ name, text, isBusy, onOpen, onOverwrite }: ScriptConflictProps) {
  const [stored, setStored] = useState<Project>();
  useEffect(() => {
    // Its failure is shown by the next action.
    getProject(name)
      .load()
      .then(setStored, () => {});
  }, [name]);
  return (
    <section className="conflict panel" aria-label="The stored script">
      <p>Red lines are stored, green lines are yours.</p>
      {stored && (
        <Deferred>
          <CodeDiff label={`Differences from the stored script of ${name}`} before={stored.script} after={text} />
        </Deferred>
      )}
      <div className="actions">
        <button type="button" disabled={isBusy || !stored} onClick={() => stored && onOpen(stored)}>
          Open the stored script, and lose mine
        </button>
        <button type="button" className="danger" disabled={isBusy} onClick={onOverwrite}>
          Save mine over it
        </button>
      </div>
    </section>
  );
}

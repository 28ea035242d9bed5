import { useEffect, useState } from "react";
import { getProject } from "../api/client.ts";
import type { Project } from "../api/types.ts";

export interface ScriptConflictProps {
  name: string;
  isBusy: boolean;
  onOpen: (stored: Project) => void;
  onOverwrite: () => void;
}

/** The stored script beside the editor's text, after another user saved it; the user chooses one of them. */
export function ScriptConflict({ name, isBusy, onOpen, onOverwrite }: ScriptConflictProps) {
  const [stored, setStored] = useState<Project>();
  useEffect(() => {
    // Its failure is shown by the next action.
    getProject(name)
      .load()
      .then(setStored, () => {});
  }, [name]);
  return (
    <section className="conflict panel" aria-label="The stored script">
      <pre>{stored?.script}</pre>
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

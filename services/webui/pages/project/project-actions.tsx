import { useState } from "react";
import { putProject, runProject } from "../api/client.ts";
import type { ProjectSummary } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { type Removal, RemovalDialog } from "./removal-dialog.tsx";
import { StateSelect } from "./state-select.tsx";

export interface ProjectActionsProps {
  project: ProjectSummary;
  /** The script page has its own run button. */
  hasRun: boolean;
}

/** Changes a project's state, runs, clears or deletes it. */
export function ProjectActions({ project, hasRun }: ProjectActionsProps) {
  const { name } = project;
  const { isBusy, failure, run, dismiss } = useAction();
  const [removal, setRemoval] = useState<Removal>();
  return (
    <>
      <div className="project-actions">
        <StateSelect project={project} isBusy={isBusy} onChange={(status) => run(() => putProject(name, { status }))} />
        {hasRun && (
          <button type="button" disabled={isBusy} onClick={() => run(() => runProject(name))}>
            Run
          </button>
        )}
        <button type="button" className="danger" onClick={() => setRemoval("Clear")}>
          Clear…
        </button>
        <button type="button" className="danger" onClick={() => setRemoval("Delete")}>
          Delete…
        </button>
      </div>
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
      {removal && <RemovalDialog name={name} removal={removal} onClose={() => setRemoval(undefined)} />}
    </>
  );
}

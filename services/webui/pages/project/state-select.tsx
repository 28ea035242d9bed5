import { PROJECT_STATUSES, type ProjectStatus } from "../../../core/protocol/task.ts";
import type { ProjectSummary } from "../api/types.ts";
import "./state-select.css";

export interface StateSelectProps {
  project: Pick<ProjectSummary, "name" | "status" | "isPaused">;
  isBusy: boolean;
  onChange: (status: ProjectStatus) => void;
}

/** A project's state, editable in place. */
export function StateSelect({ project, isBusy, onChange }: StateSelectProps) {
  const { name, status, isPaused } = project;
  return (
    <span className="state">
      <select
        className={`state-${status.toLowerCase()}`}
        aria-label={`State of ${name}`}
        value={status}
        disabled={isBusy}
        onChange={({ target }) => onChange(target.value as ProjectStatus)}
      >
        {PROJECT_STATUSES.map((state) => (
          <option key={state}>{state}</option>
        ))}
      </select>
      {isPaused && (
        <span
          className="paused"
          title="Too many tasks failed in a row. The project resumes by itself after 5 minutes; saving the script or the state resumes it immediately."
        >
          PAUSED
        </span>
      )}
    </span>
  );
}

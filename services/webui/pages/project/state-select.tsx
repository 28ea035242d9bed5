import { PROJECT_STATES, type ProjectState } from "../../../core/task.ts";
import type { ProjectSummary } from "../api/types.ts";
import "./state-select.css";

export interface StateSelectProps {
  project: Pick<ProjectSummary, "name" | "status" | "isPaused">;
  isBusy: boolean;
  onChange: (status: ProjectState) => void;
}

/** A project's state, to be changed on the spot. */
export function StateSelect({ project, isBusy, onChange }: StateSelectProps) {
  const { name, status, isPaused } = project;
  return (
    <span className="state">
      <select
        className={`state-${status.toLowerCase()}`}
        aria-label={`State of ${name}`}
        value={status}
        disabled={isBusy}
        onChange={({ target }) => onChange(target.value as ProjectState)}
      >
        {PROJECT_STATES.map((state) => (
          <option key={state}>{state}</option>
        ))}
      </select>
      {isPaused && (
        <span
          className="paused"
          title="Too many tasks failed in a row. It goes on by itself after a while; saving the script or the state does so at once."
        >
          PAUSED
        </span>
      )}
    </span>
  );
}

import type { Counters, ProjectSummary } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { WINDOWS } from "../counters/windows.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { ProjectRow } from "./project-row.tsx";
import "./project-table.css";

export interface ProjectTableProps {
  projects: ProjectSummary[];
  counters: Counters | undefined;
}

/** All projects, a row each; a narrow window shows cards. */
export function ProjectTable({ projects, counters }: ProjectTableProps) {
  const action = useAction();
  return (
    <>
      {action.failure && <FailureNotice failure={action.failure} onDismiss={action.dismiss} />}
      <div className="panel scroll">
        <table className="projects">
          <thead>
            <tr>
              <th scope="col">Project</th>
              <th scope="col">State</th>
              <th scope="col" title="Tasks a second / tasks at once">
                Rate / burst
              </th>
              <th scope="col" title="Mean of the last 5 minutes">
                Fetch + process
              </th>
              {WINDOWS.map(({ key, title }) => (
                <th key={key} scope="col" title={key === "all" ? "Tasks by state" : `Events of the last ${title}`}>
                  {title}
                </th>
              ))}
              <th scope="col">
                <span className="hidden-text">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {projects.map((project) => (
              <ProjectRow key={project.name} project={project} counters={counters?.[project.name]} action={action} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

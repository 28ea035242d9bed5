import type { ReactNode } from "react";
import { getSummary } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import type { SummaryRow } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { CounterBar, CounterLegend } from "../counters/counter-bar.tsx";
import { WINDOWS } from "../counters/windows.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import "./project-frame.css";
import { HealthLine } from "./health-line.tsx";
import { ProjectActions } from "./project-actions.tsx";
import { ProjectTabs, type Section } from "./project-tabs.tsx";
import { SkippedLinks } from "./skipped-links.tsx";

export interface ProjectFrameProps {
  name: string;
  section: Section;
  children: (project: SummaryRow) => ReactNode;
}

/** The header of all pages of one project: its state, its recent events, and links to its other pages. */
export function ProjectFrame({ name, section, children }: ProjectFrameProps) {
  const { data, failure } = useRemote(getSummary(name), POLL_MS);
  const project = data?.[name];
  return (
    <>
      {failure && <FailureNotice failure={failure} />}
      {data && !project && <NoProject name={name} />}
      {project && (
        <>
          <div className="project-head">
            <h1>
              <Link href={addresses.dashboard}>Projects</Link> <span aria-hidden="true">/</span> {name}
            </h1>
            <ProjectActions project={project} hasRun={section !== "script"} />
          </div>
          <HealthLine name={name} health={project.health} />
          <div className="project-counters panel">
            {WINDOWS.map(({ key, title }) => (
              <div key={key}>
                <span className="muted">{title}</span>
                <CounterBar title={title} counts={project.counters[key]} />
              </div>
            ))}
            <CounterLegend />
          </div>
          <SkippedLinks skipped={project.counters.all.skipped} />
          <ProjectTabs name={name} section={section} />
          {children(project)}
        </>
      )}
    </>
  );
}

function NoProject({ name }: { name: string }) {
  return (
    <section className="empty">
      <title>Project not found · Orbweaver</title>
      <h1>There is no project {name}</h1>
      <p>
        It may have been deleted. All projects are on <Link href={addresses.dashboard}>the dashboard</Link>.
      </p>
    </section>
  );
}

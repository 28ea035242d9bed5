import { useCallback, useMemo, useState } from "react";
import { getCluster, getQueueDepths, getSummary } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import type { SummaryRow } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { CounterLegend } from "../counters/counter-bar.tsx";
import { Deferred, deferred } from "../navigation/deferred.tsx";
import { replaceAddress } from "../navigation/location-store.ts";
import { addresses } from "../navigation/route.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { ClusterStrip } from "./cluster-strip.tsx";
import "./dashboard-page.css";
import { FilterBar } from "./filter-bar.tsx";
import { listProjects, type ProjectFilter } from "./project-filter.ts";
import { ProjectTable } from "./project-table.tsx";

const BulkBar = deferred(async () => (await import("./bulk-bar.tsx")).BulkBar);
const NewProjectDialog = deferred(async () => (await import("./new-project-dialog.tsx")).NewProjectDialog);

/** All projects and the state of the cluster. */
export function DashboardPage({ filter }: { filter: ProjectFilter }) {
  const summary = useRemote(getSummary(), POLL_MS);
  const depths = useRemote(getQueueDepths(), POLL_MS);
  const cluster = useRemote(getCluster(), POLL_MS);
  const [isCreating, setCreating] = useState(false);
  const failure = [summary, depths, cluster].find((remote) => remote.failure)?.failure;
  const projects = useMemo(() => summary.data && Object.values(summary.data), [summary.data]);
  const isEmpty = projects?.length === 0;
  return (
    <>
      <title>Projects · Orbweaver</title>
      {failure && <FailureNotice failure={failure} />}
      <ClusterStrip cluster={cluster.data} depths={depths.data} />
      {isEmpty && <NoProjects onCreate={() => setCreating(true)} />}
      {projects && !isEmpty && (
        <>
          <div className="title-row">
            <h1>Projects</h1>
            <CounterLegend />
            <button type="button" className="primary" onClick={() => setCreating(true)}>
              New project
            </button>
          </div>
          <ProjectList projects={projects} filter={filter} />
        </>
      )}
      {isCreating && (
        <Deferred>
          <NewProjectDialog onClose={() => setCreating(false)} />
        </Deferred>
      )}
    </>
  );
}

/** The projects that the filter lists, and what to do with those that are selected. */
function ProjectList({ projects, filter }: { projects: SummaryRow[]; filter: ProjectFilter }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const listed = useMemo(() => listProjects(projects, filter), [projects, filter]);
  const select = useCallback((names: string[], isSelected: boolean) => {
    setChosen((before) => {
      const after = new Set(before);
      for (const name of names)
        if (isSelected) after.add(name);
        else after.delete(name);
      return after;
    });
  }, []);
  const onSelect = useCallback((name: string, isSelected: boolean) => select([name], isSelected), [select]);
  // What a filter hides, or what was deleted, is not acted on.
  const names = listed.map(({ name }) => name).filter((name) => chosen.has(name));
  return (
    <>
      <FilterBar
        filter={filter}
        projects={projects}
        listed={listed.length}
        onChange={(wanted) => replaceAddress(addresses.dashboardWith(wanted))}
      />
      {names.length > 0 && (
        <Deferred>
          <BulkBar names={names} onClear={() => setChosen(new Set())} />
        </Deferred>
      )}
      {listed.length === 0 && <p className="muted">No project matches the filter.</p>}
      {listed.length > 0 && (
        <ProjectTable
          projects={listed}
          selected={chosen}
          onSelect={onSelect}
          onSelectAll={(isSelected) =>
            select(
              listed.map(({ name }) => name),
              isSelected,
            )
          }
        />
      )}
    </>
  );
}

function NoProjects({ onCreate }: { onCreate: () => void }) {
  return (
    <section className="empty">
      <h1>No projects yet</h1>
      <p>
        A project is a script that says which pages to fetch and what to take from them. A new one begins with a script that works; change
        the address, then save and run it.
      </p>
      <button type="button" className="primary" onClick={onCreate}>
        New project
      </button>
    </section>
  );
}

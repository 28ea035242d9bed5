import { useState } from "react";
import { getCluster, getCounters, getQueueDepths, listProjects } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import { useRemote } from "../api/use-remote.ts";
import { CounterLegend } from "../counters/counter-bar.tsx";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { ClusterStrip } from "./cluster-strip.tsx";
import "./dashboard-page.css";
import { Deferred, deferred } from "../navigation/deferred.tsx";
import { ProjectTable } from "./project-table.tsx";

const NewProjectDialog = deferred(async () => (await import("./new-project-dialog.tsx")).NewProjectDialog);

/** All projects and the state of the cluster. */
export function DashboardPage() {
  const projects = useRemote(listProjects(), POLL_MS);
  const counters = useRemote(getCounters(), POLL_MS);
  const depths = useRemote(getQueueDepths(), POLL_MS);
  const cluster = useRemote(getCluster(), POLL_MS);
  const [isCreating, setCreating] = useState(false);
  const failure = [projects, counters, depths, cluster].find((remote) => remote.failure)?.failure;
  const isEmpty = projects.data?.length === 0;
  return (
    <>
      <title>Projects · Orbweaver</title>
      {failure && <FailureNotice failure={failure} />}
      <ClusterStrip cluster={cluster.data} depths={depths.data} />
      {isEmpty && <NoProjects onCreate={() => setCreating(true)} />}
      {projects.data && !isEmpty && (
        <>
          <div className="title-row">
            <h1>Projects</h1>
            <CounterLegend />
            <button type="button" className="primary" onClick={() => setCreating(true)}>
              New project
            </button>
          </div>
          <ProjectTable projects={projects.data} counters={counters.data} />
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

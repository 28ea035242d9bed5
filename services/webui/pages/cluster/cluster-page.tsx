import { getCluster, getQueueDepths, listDeadLetters, listReplicas } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import { useRemote } from "../api/use-remote.ts";
import { ClusterChecks } from "../dashboard/cluster-strip.tsx";
import { FailureNotice } from "../shell/failure-notice.tsx";
import "./cluster-page.css";
import { DeadLetterTables } from "./dead-letter-tables.tsx";
import { QueueTable } from "./queue-table.tsx";
import { ReplicaTable } from "./replica-table.tsx";

/** Whether the crawler works: scheduler, queues, the processes of all roles, and what was given up. */
export function ClusterPage() {
  const cluster = useRemote(getCluster(), POLL_MS);
  const depths = useRemote(getQueueDepths(), POLL_MS);
  const replicas = useRemote(listReplicas(), POLL_MS);
  const dead = useRemote(listDeadLetters(), POLL_MS);
  const failure = replicas.failure ?? cluster.failure ?? dead.failure;
  return (
    <>
      <title>Cluster · Orbweaver</title>
      {failure && <FailureNotice failure={failure} />}
      <section className="cluster-part">
        <h1>Cluster</h1>
        <div className="cluster panel">
          <ClusterChecks cluster={cluster.data} />
        </div>
      </section>
      <section className="cluster-part">
        <h2>Queues</h2>
        <QueueTable depths={depths.data} />
      </section>
      {replicas.data && (
        <section className="cluster-part">
          <h2>Processes</h2>
          <ReplicaTable replicas={replicas.data} holder={cluster.data?.scheduler.holder} />
          <p className="muted">
            A process is listed while it reports, every 5 seconds. Renderers have no connection to the queues, and are not listed.
          </p>
        </section>
      )}
      {dead.data && <DeadLetterTables {...dead.data} />}
    </>
  );
}

import { getCluster, getQueueDepths, listReplicas } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import { useRemote } from "../api/use-remote.ts";
import { ClusterStrip } from "../dashboard/cluster-strip.tsx";
import { formatCount } from "../shell/amounts.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import "./cluster-page.css";
import { ReplicaTable } from "./replica-table.tsx";

/** Whether the crawler works: scheduler, queues, and the processes of all roles. */
export function ClusterPage() {
  const cluster = useRemote(getCluster(), POLL_MS);
  const depths = useRemote(getQueueDepths(), POLL_MS);
  const replicas = useRemote(listReplicas(), POLL_MS);
  const failure = replicas.failure ?? cluster.failure;
  const rejected = cluster.data?.scheduler.rejectedRequests ?? 0;
  return (
    <>
      <title>Cluster · Orbweaver</title>
      {failure && <FailureNotice failure={failure} />}
      <ClusterStrip cluster={cluster.data} depths={depths.data} />
      {rejected > 0 && (
        <p className="rejected">
          {formatCount(rejected)} requests to the scheduler could not be read. The table rejected_requests has them, with the reasons.
        </p>
      )}
      {replicas.data && (
        <section className="replicas">
          <h1>Processes</h1>
          <ReplicaTable replicas={replicas.data} holder={cluster.data?.scheduler.holder} />
          <p className="muted">
            A process is listed while it reports, every 5 seconds. Renderers have no connection to the queues, and are not listed.
          </p>
        </section>
      )}
    </>
  );
}

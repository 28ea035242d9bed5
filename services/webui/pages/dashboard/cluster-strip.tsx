import type { Cluster, QueueDepths } from "../api/types.ts";
import { formatCount, formatShortCount } from "../shell/amounts.ts";
import "./cluster-strip.css";

/** In the order in which a task passes them. */
export const QUEUE_ORDER = ["scheduler2fetcher", "fetcher2processor", "processor2result", "status_queue"];

/** Whether the crawler works, and the length of its queues. */
export function ClusterStrip({ cluster, depths }: { cluster: Cluster | undefined; depths: QueueDepths | undefined }) {
  return (
    <section className="cluster panel" aria-label="Cluster">
      <ClusterChecks cluster={cluster} />
      <dl aria-label="Queues: waiting messages, and those that a worker holds">
        {QUEUE_ORDER.map((queue) => (
          <div key={queue}>
            <dt>{queue}</dt>
            <Depth depth={depths?.[queue]} />
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Whether a scheduler is active and the queues are connected. */
export function ClusterChecks({ cluster }: { cluster: Cluster | undefined }) {
  return (
    <div className="checks">
      {cluster && <SchedulerState {...cluster.scheduler} />}
      {cluster && <QueueState {...cluster.queues} />}
    </div>
  );
}

function SchedulerState({ isActive, holder, epoch }: Cluster["scheduler"]) {
  if (!isActive) return <State isGood={false} text="No scheduler is active: crawling is stopped until one starts" />;
  return <State isGood={true} text="Scheduler active" detail={`${holder}, epoch ${epoch}`} />;
}

function QueueState({ isConnected }: Cluster["queues"]) {
  return <State isGood={isConnected} text={isConnected ? "Queues connected" : "Queues not connected: check whether Redis runs"} />;
}

function State({ isGood, text, detail }: { isGood: boolean; text: string; detail?: string }) {
  return (
    <span className={isGood ? "good" : "bad"} title={detail}>
      <span aria-hidden="true">{isGood ? "●" : "▲"}</span> {text}
    </span>
  );
}

function Depth({ depth }: { depth: QueueDepths[string] | undefined }) {
  if (!depth) return <dd>–</dd>;
  const words = `${formatCount(depth.ready)} wait, ${formatCount(depth.leased)} are held by a worker`;
  return (
    <dd title={words}>
      <b>{formatShortCount(depth.ready)}</b> waiting, <b>{formatShortCount(depth.leased)}</b> held
    </dd>
  );
}

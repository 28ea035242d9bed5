import type { QueueDepths } from "../api/types.ts";
import { QUEUE_ORDER } from "../dashboard/cluster-strip.tsx";
import { formatAge, formatCount } from "../shell/amounts.ts";
import "../shell/list-table.css";

/** Each queue with its messages; before the first answer without figures, so that nothing below moves. */
export function QueueTable({ depths }: { depths: QueueDepths | undefined }) {
  return (
    <div className="panel scroll">
      <table className="list-table">
        <caption className="hidden-text">Queues, in the order in which a task passes them</caption>
        <thead>
          <tr>
            <th scope="col">queue</th>
            <th scope="col">waiting</th>
            <th scope="col" title="A worker works on them, or will next">
              held
            </th>
            <th scope="col" title="Since the oldest of the held messages was added; those that wait are younger">
              oldest held
            </th>
          </tr>
        </thead>
        <tbody>
          {QUEUE_ORDER.map((queue) => (
            <QueueRow key={queue} name={queue} {...depths?.[queue]} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function QueueRow({ name, ready, leased, oldestMs }: { name: string } & Partial<QueueDepths[string]>) {
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
      </th>
      <td>{ready === undefined ? "–" : formatCount(ready)}</td>
      <td>{leased === undefined ? "–" : formatCount(leased)}</td>
      <td>{oldestMs === undefined ? "–" : formatAge(oldestMs)}</td>
    </tr>
  );
}

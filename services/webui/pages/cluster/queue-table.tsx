import type { QueueDepths } from "../api/types.ts";
import { QUEUE_ORDER } from "../dashboard/cluster-strip.tsx";
import { formatAge, formatCount } from "../shell/amounts.ts";
import { type Column, ListTable } from "../shell/list-table.tsx";

const COLUMNS: Column[] = [
  { title: "queue" },
  { title: "waiting" },
  { title: "held", hint: "A worker works on them, or will next" },
  { title: "oldest held", hint: "Since the oldest of the held messages was added; those that wait are younger" },
];

/** Each queue with its messages; before the first answer without figures, so that nothing below moves. */
export function QueueTable({ depths }: { depths: QueueDepths | undefined }) {
  return (
    <ListTable caption="Queues, in the order in which a task passes them" columns={COLUMNS}>
      {QUEUE_ORDER.map((queue) => (
        <QueueRow key={queue} name={queue} {...depths?.[queue]} />
      ))}
    </ListTable>
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

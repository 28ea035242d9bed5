import type { Replica } from "../api/types.ts";
import { formatBytes, formatCount } from "../shell/amounts.ts";
import { type Column, ListTable } from "../shell/list-table.tsx";
import { Time } from "../shell/time.tsx";
import { roleText } from "./role-text.ts";
import "./replica-table.css";

const COLUMNS: Column[] = [
  { title: "role" },
  { title: "machine" },
  { title: "version", hint: "Processes of one role with the same version run the same files" },
  { title: "started" },
  { title: "memory", hint: "Without what the kernel can drop at once" },
  { title: "in work", hint: "Messages of queues that it works on" },
];

/** Each process of each role. */
export function ReplicaTable({ replicas, holder }: { replicas: Replica[]; holder: string | undefined }) {
  return (
    <ListTable className="replica-table" caption="Processes by role" columns={COLUMNS}>
      {replicas.map((replica) => (
        <tr key={replica.id}>
          <th scope="row" title={replica.id}>
            {roleText(replica, holder)}
          </th>
          <td>{replica.host}</td>
          <td>
            <code>{replica.version ?? "–"}</code>
          </td>
          <td>
            <Time at={replica.startedAt} />
          </td>
          <td>
            <Memory {...replica} />
          </td>
          <td>{formatCount(replica.held)}</td>
        </tr>
      ))}
    </ListTable>
  );
}

/** From this share of the limit on, the bar warns. */
const HIGH = 0.9;

function Memory({ memoryBytes, memoryLimitBytes }: Pick<Replica, "memoryBytes" | "memoryLimitBytes">) {
  if (memoryLimitBytes === undefined) return <>{formatBytes(memoryBytes)}</>;
  const words = `${formatBytes(memoryBytes)} of ${formatBytes(memoryLimitBytes)}`;
  return (
    <>
      <meter aria-label={words} max={memoryLimitBytes} high={memoryLimitBytes * HIGH} optimum={0} value={memoryBytes} /> {words}
    </>
  );
}

import type { Replica } from "../api/types.ts";
import { formatBytes, formatCount } from "../shell/amounts.ts";
import "../shell/list-table.css";
import { Time } from "../shell/time.tsx";
import { roleText } from "./role-text.ts";
import "./replica-table.css";

/** Each process of each role. */
export function ReplicaTable({ replicas, holder }: { replicas: Replica[]; holder: string | undefined }) {
  return (
    <div className="panel scroll">
      <table className="replica-table list-table">
        <caption className="hidden-text">Processes by role</caption>
        <thead>
          <tr>
            <th scope="col">role</th>
            <th scope="col">machine</th>
            <th scope="col" title="Processes of one role with the same version run the same files">
              version
            </th>
            <th scope="col">started</th>
            <th scope="col" title="Without what the kernel can drop at once">
              memory
            </th>
            <th scope="col" title="Messages of queues that it works on">
              in work
            </th>
          </tr>
        </thead>
        <tbody>
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
        </tbody>
      </table>
    </div>
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

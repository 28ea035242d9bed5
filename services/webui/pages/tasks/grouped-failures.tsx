import type { ReactNode } from "react";
import { listFailures } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import { rerunFailures } from "../api/task-requests.ts";
import type { FailureGroup } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { formatCount } from "../shell/amounts.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import "./grouped-failures.css";
import { RerunButton } from "./rerun-button.tsx";

/** Failed tasks by what failed, with one of each group; then `children`, which appear with it: it would move them otherwise. */
export function GroupedFailures({ name, children }: { name: string; children: ReactNode }) {
  const { data, failure } = useRemote(listFailures(name), 5 * POLL_MS);
  return (
    <>
      {failure && <FailureNotice failure={failure} />}
      {data && <GroupTable name={name} {...data} />}
      {(data || failure) && children}
    </>
  );
}

function GroupTable({ name, groups, isCut }: { name: string; groups: FailureGroup[]; isCut: boolean }) {
  return (
    <div className="panel scroll grouped-failures">
      <table>
        <caption>{isCut ? "What failed, of the first 5,000 failed tasks" : "What failed"}</caption>
        <thead>
          <tr>
            <th scope="col">tasks</th>
            <th scope="col">HTTP</th>
            <th scope="col">host</th>
            <th scope="col">error, and a task that has it</th>
            <th scope="col">
              <span className="hidden-text">Run again</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <GroupRow key={[group.code, group.statusCode, group.host, group.place].join(" ")} name={name} group={group} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function GroupRow({ name, group }: { name: string; group: FailureGroup }) {
  const { code, statusCode, host, place, count, sample } = group;
  const line = Number(place.split(":")[1]);
  return (
    <tr>
      <td>{formatCount(count)}</td>
      <td>{statusCode ?? "–"}</td>
      <td>{host}</td>
      <td>
        <b>{code || "no error"}</b> {place && <Link href={addresses.script(name, line)}>{place}</Link>}
        <div className="muted">{sample.message}</div>
        <Link href={addresses.task(name, sample.taskid)}>{sample.url}</Link>{" "}
        <Link href={addresses.debug(name, sample.taskid)} aria-label={`Debug ${sample.url}`}>
          Debug
        </Link>
      </td>
      <td>
        <RerunButton label="Run these again" request={() => rerunFailures(name, group)} />
      </td>
    </tr>
  );
}

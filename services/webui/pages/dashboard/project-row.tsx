import { putProject, runProject } from "../api/client.ts";
import type { ProjectChanges, ProjectCounters, ProjectSummary } from "../api/types.ts";
import type { Action } from "../api/use-action.ts";
import { CounterBar } from "../counters/counter-bar.tsx";
import { WINDOWS } from "../counters/windows.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { StateSelect } from "../project/state-select.tsx";
import { useSession } from "../session/use-session.ts";
import { formatMs } from "../shell/amounts.ts";
import { NumberField } from "./number-field.tsx";

export interface ProjectRowProps {
  project: ProjectSummary;
  counters: ProjectCounters | undefined;
  action: Action;
}

/** One project on the dashboard: its editable state and pace, and its recent events. */
export function ProjectRow({ project, counters, action }: ProjectRowProps) {
  const { name, group, comments, rate, burst } = project;
  const { maxRate, maxBurst } = useSession();
  const change = (changes: ProjectChanges) => action.run(() => putProject(name, changes));
  const recent = counters?.["5m"];
  return (
    <tr>
      <th scope="row" className="name">
        <Link href={addresses.script(name)}>{name}</Link>
        {group && <span className="group">{group}</span>}
        {comments && <p className="comments">{comments}</p>}
      </th>
      <td data-label="State">
        <StateSelect project={project} isBusy={action.isBusy} onChange={(status) => change({ status })} />
      </td>
      <td data-label="Rate / burst" className="pace">
        <NumberField
          label={`Rate of ${name}, tasks a second`}
          value={rate}
          max={maxRate}
          isBusy={action.isBusy}
          onCommit={(value) => change({ rate: value })}
        />
        <span aria-hidden="true">/</span>
        <NumberField
          label={`Burst of ${name}, tasks at once`}
          value={burst}
          max={maxBurst}
          isBusy={action.isBusy}
          onCommit={(value) => change({ burst: value })}
        />
      </td>
      <td data-label="Fetch + process" className="times" title="Mean of the last 5 minutes">
        {recent && recent.fetchMs + recent.processMs > 0 ? `${formatMs(recent.fetchMs)} + ${formatMs(recent.processMs)}` : "–"}
      </td>
      {WINDOWS.map(({ key, title }) => (
        <td key={key} data-label={title} className="window">
          <CounterBar title={`${name}, ${title}`} counts={counters?.[key] ?? {}} />
        </td>
      ))}
      <td className="row-actions">
        <button type="button" aria-label={`Run ${name}`} disabled={action.isBusy} onClick={() => action.run(() => runProject(name))}>
          Run
        </button>
        <Link href={addresses.results(name)} aria-label={`Results of ${name}`}>
          Results
        </Link>
        <Link href={addresses.tasks(name)} aria-label={`Tasks of ${name}`}>
          Tasks
        </Link>
      </td>
    </tr>
  );
}

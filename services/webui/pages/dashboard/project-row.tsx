import { memo, type Ref } from "react";
import { putProject, runProject } from "../api/client.ts";
import type { ProjectChanges, SummaryRow } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { CounterBar } from "../counters/counter-bar.tsx";
import { Sparkline } from "../counters/sparkline.tsx";
import { WINDOWS } from "../counters/windows.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { HealthLine } from "../project/health-line.tsx";
import { StateSelect } from "../project/state-select.tsx";
import { useSession } from "../session/use-session.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { NumberField } from "./number-field.tsx";
import { labelsOf } from "./project-filter.ts";

export interface ProjectRowProps {
  project: SummaryRow;
  /** Its place in the list, from 0. */
  index: number;
  /** Pixels below the first row's place. */
  top: number;
  isSelected: boolean;
  onSelect: (name: string, isSelected: boolean) => void;
  /** Measures the row. */
  ref: Ref<HTMLTableRowElement>;
}

/** One project on the dashboard: its editable state and pace, why it does not run, and its recent events. */
export const ProjectRow = memo(function ProjectRow({ project, index, top, isSelected, onSelect, ref }: ProjectRowProps) {
  const { name, comments, rate, burst, health, counters, pagesPerMinute } = project;
  const { maxRate, maxBurst } = useSession();
  const action = useAction();
  const change = (changes: ProjectChanges) => action.run(() => putProject(name, changes));
  return (
    <tr ref={ref} data-index={index} aria-rowindex={index + 2} style={{ top }}>
      <td className="select">
        <input
          type="checkbox"
          aria-label={`Select ${name}`}
          checked={isSelected}
          onChange={({ target }) => onSelect(name, target.checked)}
        />
      </td>
      <th scope="row" className="name">
        <Link href={addresses.script(name)}>{name}</Link>
        {labelsOf(project).map((label) => (
          <span key={label} className="group">
            {label}
          </span>
        ))}
        {comments && <p className="comments">{comments}</p>}
        {health.state !== "runs" && <HealthLine name={name} health={health} isInList={true} />}
        {action.failure && <FailureNotice failure={action.failure} onDismiss={action.dismiss} />}
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
      <td data-label="Pages a minute" className="spark-cell">
        <Sparkline name={name} pagesPerMinute={pagesPerMinute} />
      </td>
      {WINDOWS.map(({ key, title }) => (
        <td key={key} data-label={title} className="window">
          <CounterBar title={`${name}, ${title}`} counts={counters[key]} />
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
});

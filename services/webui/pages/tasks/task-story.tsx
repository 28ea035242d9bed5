import { getTask } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import { cancelTask, rerunTask } from "../api/task-requests.ts";
import type { TaskDetail } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { WebLink } from "../results/cell.tsx";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { Time } from "../shell/time.tsx";
import { Fact, Facts } from "./facts.tsx";
import { FetchPanel } from "./fetch-panel.tsx";
import { JsonPanel } from "./json-panel.tsx";
import { ProcessPanel } from "./process-panel.tsx";
import { RerunButton } from "./rerun-button.tsx";
import { TaskStatus } from "./task-status.tsx";
import "./task-story.css";

/** All stored data of one task: its definition, its last run, and its next run. */
export function TaskStory({ project, taskid }: { project: string; taskid: string }) {
  const { data, failure } = useRemote(getTask(project, taskid), POLL_MS);
  return (
    <div className="task-story">
      {failure && <FailureNotice failure={failure} />}
      {data && <Task task={data} />}
    </div>
  );
}

function Task({ task }: { task: TaskDetail }) {
  const { project, taskid, url, track, process, retried, priority, exetime, lastcrawltime, updatetime } = task;
  return (
    <div className="task">
      <section className="panel wide">
        <h2>
          <WebLink address={url} />
        </h2>
        <Facts>
          <Fact name="status">
            <TaskStatus task={task} />
          </Fact>
          <Fact name="taskid">
            <code>{taskid}</code>
          </Fact>
          <Fact name="callback">
            <code>{process.callback}</code>
          </Fact>
          <Fact name="last run">{lastcrawltime === null ? "never" : <Time at={lastcrawltime} />}</Fact>
          <Fact name="changed">
            <Time at={updatetime} />
          </Fact>
          <Fact name="failures in a row">{retried}</Fact>
          <Fact name="priority">{priority}</Fact>
          <Fact name="not before">{exetime > 0 ? <Time at={exetime} /> : "–"}</Fact>
        </Facts>
        <div className="task-actions">
          <Link className="button" href={addresses.debug(project, taskid)}>
            Debug
          </Link>
          <RerunButton label="Run again" request={() => rerunTask(project, taskid)} />
          {task.status === "ACTIVE" && <RerunButton label="Cancel" request={() => cancelTask(project, taskid)} />}
        </div>
      </section>
      <FetchPanel track={track?.fetch} />
      <ProcessPanel project={project} track={track?.process} />
      <JsonPanel title="Schedule" value={task.schedule} />
      <JsonPanel title="Fetch options" value={task.fetch} />
      <JsonPanel title="Process options" value={Object.keys(process).length > 1 ? process : null} />
      <JsonPanel title="save: passed to the callback" value={task.save} />
      <JsonPanel title="this.save: kept for the next run" value={task.stored} />
    </div>
  );
}

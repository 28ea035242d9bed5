import { useState } from "react";
import type { DebugReport, Follow } from "../api/types.ts";
import { formatBytes, formatMs } from "../shell/amounts.ts";
import { Tabs } from "../shell/tabs.tsx";
import { Time } from "../shell/time.tsx";
import { TaskErrorNote } from "../tasks/task-error-note.tsx";
import { FollowList } from "./follow-list.tsx";
import { PageView } from "./page-view.tsx";
import { StoredResults } from "./stored-results.tsx";

export interface StepReportProps {
  project: string;
  /** Of the step, if it is a task. */
  taskid: string | undefined;
  report: DebugReport;
  onInsert: (code: string) => void;
  onStepInto: (follow: Follow) => void;
}

type Tab = "Follows" | "Results" | "Page" | "Messages" | "Changes";

/** What a step did: its page, its callback, and what that requested and returned. */
export function StepReport({ project, taskid, report, onInsert, onStepInto }: StepReportProps) {
  const { page, process, results, follows, messages } = report;
  const counts: Partial<Record<Tab, number>> = { Follows: follows.length, Results: results.length, Messages: messages.length };
  const tabs: Tab[] = [
    "Follows",
    "Results",
    "Page",
    ...(messages.length > 0 ? (["Messages"] as const) : []),
    ...(taskid === undefined ? [] : (["Changes"] as const)),
  ];
  const [chosen, setChosen] = useState<Tab>();
  const tab = chosen ?? (follows.length > 0 ? "Follows" : results.length > 0 ? "Results" : "Page");
  return (
    <>
      <p className="step-facts">
        <span>{page.statusCode}</span> <span>{formatBytes(page.bytes)}</span>{" "}
        {page.storedAt === undefined ? (
          <span>fetched in {formatMs(page.timeMs)}</span>
        ) : (
          <span>
            stored <Time at={page.storedAt} />
          </span>
        )}{" "}
        <span>processed in {formatMs(process.timeMs)}</span>
      </p>
      {page.error && <TaskErrorNote error={page.error} />}
      {process.error && process.error.message !== page.error?.message && <TaskErrorNote error={process.error} project={project} />}
      {process.logs && (
        <details open>
          <summary>Printed by the script</summary>
          <pre className="step-text">{process.logs}</pre>
        </details>
      )}
      <Tabs label="Parts of the step" names={tabs} chosen={tab} onChoose={setChosen} counts={counts}>
        {tab === "Follows" && <FollowList follows={follows} onStepInto={onStepInto} />}
        {tab === "Results" && <Values values={results} none="The callback returned no result." />}
        {tab === "Messages" && <Values values={messages} none="" />}
        {tab === "Page" && <PageView page={page} onInsert={onInsert} />}
        {tab === "Changes" && taskid !== undefined && <StoredResults project={project} taskid={taskid} results={results} />}
      </Tabs>
    </>
  );
}

function Values({ values, none }: { values: unknown[]; none: string }) {
  if (values.length === 0) return <p className="muted">{none}</p>;
  return <pre className="step-text">{values.map((value) => JSON.stringify(value, null, 2)).join("\n")}</pre>;
}

import { useState } from "react";
import type { DebugReport, Follow } from "../api/types.ts";
import { formatBytes, formatCount, formatMs } from "../shell/amounts.ts";
import { TaskErrorNote } from "../tasks/task-error-note.tsx";
import { FollowList } from "./follow-list.tsx";
import { PageView } from "./page-view.tsx";

export interface StepReportProps {
  project: string;
  report: DebugReport;
  onStepInto: (follow: Follow) => void;
}

type Tab = "Follows" | "Results" | "Page" | "Messages";

/** What a step did: its page, its callback, and what that requested and returned. */
export function StepReport({ project, report, onStepInto }: StepReportProps) {
  const { page, process, results, follows, messages } = report;
  const counts: Partial<Record<Tab, number>> = { Follows: follows.length, Results: results.length, Messages: messages.length };
  const tabs: Tab[] = ["Follows", "Results", "Page", ...(messages.length > 0 ? (["Messages"] as const) : [])];
  const [chosen, setChosen] = useState<Tab>();
  const tab = chosen ?? (follows.length > 0 ? "Follows" : results.length > 0 ? "Results" : "Page");
  return (
    <>
      <p className="step-facts">
        <span>{page.statusCode}</span> <span>{formatBytes(page.bytes)}</span> <span>fetched in {formatMs(page.timeMs)}</span>{" "}
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
      <div className="step-tabs" role="tablist" aria-label="Parts of the step">
        {tabs.map((name) => (
          <button key={name} type="button" role="tab" className="quiet" aria-selected={name === tab} onClick={() => setChosen(name)}>
            {name}
            {counts[name] === undefined ? "" : ` ${formatCount(counts[name])}`}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={tab}>
        {tab === "Follows" && <FollowList follows={follows} onStepInto={onStepInto} />}
        {tab === "Results" && <Values values={results} none="The callback returned no result." />}
        {tab === "Messages" && <Values values={messages} none="" />}
        {tab === "Page" && <PageView page={page} />}
      </div>
    </>
  );
}

function Values({ values, none }: { values: unknown[]; none: string }) {
  if (values.length === 0) return <p className="muted">{none}</p>;
  return <pre className="step-text">{values.map((value) => JSON.stringify(value, null, 2)).join("\n")}</pre>;
}

import { useState } from "react";
import { putProject } from "../api/client.ts";
import type { ProjectSummary } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";

/** Enough for some 50,000 pages of 20 KiB, compressed. */
const USUAL = { mib: 256, days: 7 };

/** Whether the project keeps the pages of its tasks, and how many. */
export function KeepPages({ project: { name, keepPages } }: { project: Pick<ProjectSummary, "name" | "keepPages"> }) {
  const { isBusy, failure, run, dismiss } = useAction();
  const [limits, setLimits] = useState(keepPages ?? USUAL);
  const put = (next: typeof keepPages) => void run(() => putProject(name, { keepPages: next }));
  const isChanged = keepPages !== null && (keepPages.mib !== limits.mib || keepPages.days !== limits.days);
  return (
    <div>
      <label>
        <input
          type="checkbox"
          disabled={isBusy}
          checked={keepPages !== null}
          onChange={({ target }) => put(target.checked ? limits : null)}
        />{" "}
        Keep the last page of each task, up to
      </label>{" "}
      <input
        aria-label="MiB of kept pages"
        type="number"
        min={1}
        max={4096}
        value={limits.mib}
        onChange={({ target }) => setLimits({ ...limits, mib: target.valueAsNumber })}
      />{" "}
      MiB, for{" "}
      <input
        aria-label="Days to keep pages"
        type="number"
        min={1}
        max={365}
        value={limits.days}
        onChange={({ target }) => setLimits({ ...limits, days: target.valueAsNumber })}
      />{" "}
      days{" "}
      {isChanged && (
        <button type="button" disabled={isBusy} onClick={() => put(limits)}>
          Set
        </button>
      )}
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
    </div>
  );
}

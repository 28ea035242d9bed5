import type { FormEvent } from "react";
import { clearProject, deleteProject } from "../api/client.ts";
import { useAction } from "../api/use-action.ts";
import { navigate } from "../navigation/location-store.ts";
import { addresses } from "../navigation/route.ts";
import { Dialog } from "../shell/dialog.tsx";
import { FailureNotice } from "../shell/failure-notice.tsx";

const REMOVALS = {
  Clear: {
    explanation:
      "Its tasks and results are removed for good; the script stays. What is under way comes to nothing. The next run begins from the start.",
    request: clearProject,
    leadsTo: addresses.tasks,
  },
  Delete: {
    explanation:
      "Its script, tasks and results are deleted for good. It stops at once, and is gone when the scheduler has cleared it away.",
    request: deleteProject,
    leadsTo: () => addresses.dashboard,
  },
} as const;

/** What can be taken from a project. */
export type Removal = keyof typeof REMOVALS;

/** Asks before a project is cleared, or deleted with all that belongs to it. */
export function RemovalDialog({ name, removal, onClose }: { name: string; removal: Removal; onClose: () => void }) {
  const { isBusy, failure, run } = useAction();
  const { explanation, request, leadsTo } = REMOVALS[removal];
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await run(() => request(name)))) return;
    onClose();
    navigate(leadsTo(name));
  };
  return (
    <Dialog title={`${removal} ${name}?`} onClose={onClose}>
      <form onSubmit={onSubmit}>
        {failure && <FailureNotice failure={failure} />}
        <p>{explanation}</p>
        <div className="actions">
          <button type="button" onClick={onClose}>
            Keep it
          </button>
          <button type="submit" className="danger" disabled={isBusy}>
            {removal}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

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
      "This permanently deletes its tasks and results; the script stays. Running tasks are discarded. The next run begins from the start.",
    request: clearProject,
    leadsTo: addresses.tasks,
  },
  Delete: {
    explanation:
      "This permanently deletes its script, tasks and results. The project stops immediately, and disappears when the scheduler has deleted its data.",
    request: deleteProject,
    leadsTo: () => addresses.dashboard,
  },
} as const;

/** The removals that a project offers. */
export type Removal = keyof typeof REMOVALS;

/** Asks before a project is cleared, or deleted with all its data. */
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

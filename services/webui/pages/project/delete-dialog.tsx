import type { FormEvent } from "react";
import { deleteProject } from "../api/client.ts";
import { useAction } from "../api/use-action.ts";
import { navigate } from "../navigation/location-store.ts";
import { addresses } from "../navigation/route.ts";
import { Dialog } from "../shell/dialog.tsx";
import { FailureNotice } from "../shell/failure-notice.tsx";

/** Asks before a project is deleted with all that belongs to it. */
export function DeleteDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { isBusy, failure, run } = useAction();
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    if (await run(() => deleteProject(name))) navigate(addresses.dashboard);
  };
  return (
    <Dialog title={`Delete ${name}?`} onClose={onClose}>
      <form onSubmit={onSubmit}>
        {failure && <FailureNotice failure={failure} />}
        <p>Its script, tasks and results are deleted for good. It stops at once, and is gone when the scheduler has cleared it away.</p>
        <div className="actions">
          <button type="button" onClick={onClose}>
            Keep it
          </button>
          <button type="submit" className="danger" disabled={isBusy}>
            Delete
          </button>
        </div>
      </form>
    </Dialog>
  );
}

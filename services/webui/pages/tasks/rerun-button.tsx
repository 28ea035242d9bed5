import { useState } from "react";
import { useAction } from "../api/use-action.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import "./rerun-button.css";

export interface RerunButtonProps {
  /** What stands on it. */
  label: string;
  request: () => Promise<unknown>;
  onAsked: () => void;
}

/** Has something run again, and says that this is on its way. */
export function RerunButton({ label, request, onAsked }: RerunButtonProps) {
  const { isBusy, failure, run, dismiss } = useAction();
  const [isAsked, setAsked] = useState(false);
  const onClick = async () => {
    if (!(await run(request))) return;
    setAsked(true);
    onAsked();
  };
  return (
    <div className="rerun">
      <button type="button" disabled={isBusy} onClick={onClick}>
        {label}
      </button>
      {isAsked && !failure && <output className="muted">on its way</output>}
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
    </div>
  );
}

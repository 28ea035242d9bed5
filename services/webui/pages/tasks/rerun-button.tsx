import { useState } from "react";
import { useAction } from "../api/use-action.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import "./rerun-button.css";

export interface RerunButtonProps {
  /** Its label. */
  label: string;
  request: () => Promise<unknown>;
}

/** Requests a rerun, and confirms that it is queued. */
export function RerunButton({ label, request }: RerunButtonProps) {
  const { isBusy, failure, run, dismiss } = useAction();
  const [isAsked, setAsked] = useState(false);
  const onClick = async () => {
    if (await run(request)) setAsked(true);
  };
  return (
    <div className="rerun">
      <button type="button" disabled={isBusy} onClick={onClick}>
        {label}
      </button>
      {isAsked && !failure && <output className="muted">queued</output>}
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
    </div>
  );
}

import { type FormEvent, type ReactNode, useState } from "react";
import { useAction } from "../api/use-action.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";

export interface SettingsFormProps {
  title: string;
  /** The words of its button, a verb. */
  submit: string;
  /** Shown after a success. */
  done: string;
  onSubmit: () => Promise<unknown>;
  children: ReactNode;
}

/** A panel with one request: fields, a button, and what came back. */
export function SettingsForm({ title, submit, done, onSubmit, children }: SettingsFormProps) {
  const { isBusy, failure, run, dismiss } = useAction();
  const [isDone, setDone] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setDone(false);
    setDone(await run(onSubmit));
  };
  return (
    <form className="panel" noValidate aria-label={title} onSubmit={send} onChange={() => setDone(false)}>
      <h2>{title}</h2>
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
      {children}
      <div className="actions">
        <output className="muted">{isDone && done}</output>
        <button type="submit" disabled={isBusy}>
          {submit}
        </button>
      </div>
    </form>
  );
}

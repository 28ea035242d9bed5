import { type FormEvent, useState } from "react";
import type { StepTask } from "./steps.ts";

/** A step of the user's own: any URL with any callback. */
export function StepForm({ isBusy, onRun }: { isBusy: boolean; onRun: (task: StepTask) => void }) {
  const [url, setUrl] = useState("");
  const [callback, setCallback] = useState("");
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    onRun({ url: url.trim(), callback: callback.trim() });
  };
  return (
    <form className="step-form" onSubmit={onSubmit}>
      <input
        aria-label="URL of a step"
        placeholder="https://…"
        type="url"
        required
        value={url}
        onChange={({ target }) => setUrl(target.value)}
      />
      <input
        aria-label="Callback of a step"
        placeholder="callback"
        required
        pattern="[\w$]+"
        title="The name of a method of the script"
        value={callback}
        onChange={({ target }) => setCallback(target.value)}
      />
      <button type="submit" disabled={isBusy}>
        Run URL
      </button>
    </form>
  );
}

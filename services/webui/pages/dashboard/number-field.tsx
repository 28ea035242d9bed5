import { type KeyboardEvent, useState } from "react";

export interface NumberFieldProps {
  label: string;
  value: number;
  max: number | undefined;
  isBusy: boolean;
  onCommit: (value: number) => void;
}

/** A number edited in place: Enter or leaving the field saves it, Escape restores it. */
export function NumberField({ label, value, max, isBusy, onCommit }: NumberFieldProps) {
  const [draft, setDraft] = useState<string>();
  const commit = () => {
    setDraft(undefined);
    const wanted = Number(draft);
    if (draft !== undefined && draft.trim() !== "" && wanted !== value) onCommit(wanted);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") event.currentTarget.blur();
    if (event.key === "Escape") setDraft(undefined);
  };
  return (
    <input
      className="number"
      type="number"
      aria-label={label}
      title={label}
      min={0}
      max={max}
      step="any"
      disabled={isBusy}
      value={draft ?? value}
      onChange={({ target }) => setDraft(target.value)}
      onKeyDown={onKeyDown}
      onBlur={commit}
    />
  );
}

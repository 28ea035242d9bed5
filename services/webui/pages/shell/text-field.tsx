import { useId } from "react";

export interface TextFieldProps {
  label: string;
  hint: string;
  /** Shown in place of the hint. */
  problem: string | undefined;
  value: string;
  onChange: (value: string) => void;
}

/** A labelled text input. */
export function TextField({ label, hint, problem, value, onChange }: TextFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellCheck={false}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => onChange(target.value)}
      />
      <p id={`${id}-hint`} className={problem ? "problem" : "hint"}>
        {problem ?? hint}
      </p>
    </div>
  );
}

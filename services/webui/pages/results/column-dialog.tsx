import { type FormEvent, useState } from "react";
import { Dialog } from "../shell/dialog.tsx";
import { choiceOf, movedUp, shownOf, toggled } from "./column-choice.ts";
import { titleOf } from "./columns.ts";
import "./column-dialog.css";

interface ColumnDialogProps {
  all: string[];
  chosen: string[] | undefined;
  /** Undefined: all columns. */
  onChoose: (columns: string[] | undefined) => void;
  onClose: () => void;
}

/** Takes the columns of the table and their order. */
export function ColumnDialog({ all, chosen, onChoose, onClose }: ColumnDialogProps) {
  const [choice, setChoice] = useState(choiceOf(all, chosen));
  const shown = shownOf(choice);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    onChoose(shown);
  };
  return (
    <Dialog title="Columns" onClose={onClose}>
      <form onSubmit={onSubmit}>
        <ol className="column-list">
          {choice.map(({ name, isShown }, place) => (
            <li key={name}>
              <label>
                <input type="checkbox" checked={isShown} onChange={() => setChoice(toggled(choice, name))} /> {titleOf(name)}
              </label>
              <button
                type="button"
                className="quiet"
                aria-label={`Move ${titleOf(name)} up`}
                disabled={place === 0}
                onClick={() => setChoice(movedUp(choice, name))}
              >
                ↑
              </button>
            </li>
          ))}
        </ol>
        <div className="actions">
          <button type="button" onClick={() => onChoose(undefined)}>
            All columns
          </button>
          <button type="submit" className="primary" disabled={shown.length === 0}>
            Show these
          </button>
        </div>
      </form>
    </Dialog>
  );
}

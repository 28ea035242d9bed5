import { useState } from "react";
import { exportAddress } from "../api/client.ts";
import type { ResultFormat } from "../api/types.ts";
import { Dialog } from "../shell/dialog.tsx";
import { titleOf } from "./columns.ts";
import { type ExportChoice, exportQuery, FIRST_CHOICE } from "./export-choice.ts";
import "./export-dialog.css";

const FORMATS: Record<ResultFormat, string> = {
  csv: "CSV",
  xlsx: "Excel workbook",
  jsonl: "JSON lines",
  json: "JSON array",
  txt: "Text: address, tab, JSON",
};
const ROWS: Record<ExportChoice["rows"], string> = {
  all: "All results",
  since: "What changed since a time",
  notSince: "What no run has stored since a time, such as products that vanished",
};

interface ExportDialogProps {
  name: string;
  /** The columns that the table shows; undefined: all. */
  columns: string[] | undefined;
  onClose: () => void;
}

/** Takes the choices of an export and downloads it. */
export function ExportDialog({ name, columns, onClose }: ExportDialogProps) {
  const [choice, setChoice] = useState<ExportChoice>({ ...FIRST_CHOICE, columns });
  const change = (changes: Partial<ExportChoice>) => setChoice({ ...choice, ...changes });
  const query = exportQuery(choice);
  return (
    <Dialog title="Export results" onClose={onClose}>
      <label className="export-choice">
        Format
        <select value={choice.format} onChange={({ target }) => change({ format: target.value as ResultFormat })}>
          {Object.entries(FORMATS).map(([format, title]) => (
            <option key={format} value={format}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {columns && (
        <label className="export-choice">
          <input
            type="checkbox"
            checked={choice.columns !== undefined}
            onChange={({ target }) => change({ columns: target.checked ? columns : undefined })}
          />
          <span>Only the columns shown: {columns.map(titleOf).join(", ")}</span>
        </label>
      )}
      <RowChoice choice={choice} change={change} />
      {choice.format === "csv" && <CsvChoice choice={choice} change={change} />}
      <div className="actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        {query ? (
          <a className="button" href={exportAddress(name, query)} download onClick={onClose}>
            Download
          </a>
        ) : (
          <button type="button" disabled>
            Download
          </button>
        )}
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  choice: ExportChoice;
  change: (changes: Partial<ExportChoice>) => void;
}

function RowChoice({ choice: { rows, time }, change }: ChoiceProps) {
  return (
    <fieldset className="export-rows">
      <legend>Results</legend>
      {Object.entries(ROWS).map(([one, title]) => (
        <label key={one} className="export-choice">
          <input type="radio" name="rows" checked={rows === one} onChange={() => change({ rows: one as ExportChoice["rows"] })} />
          <span>{title}</span>
        </label>
      ))}
      {rows !== "all" && (
        <label className="export-choice">
          Time
          <input type="datetime-local" value={time} onChange={({ target }) => change({ time: target.value })} />
        </label>
      )}
    </fieldset>
  );
}

function CsvChoice({ choice: { guard, bom }, change }: ChoiceProps) {
  return (
    <>
      <label className="export-choice">
        <input type="checkbox" checked={guard} onChange={({ target }) => change({ guard: target.checked })} />
        <span>Put ' before text that a spreadsheet could run as a formula</span>
      </label>
      <label className="export-choice">
        <input type="checkbox" checked={bom} onChange={({ target }) => change({ bom: target.checked })} />
        <span>Begin with a byte order mark, so that Excel shows all characters</span>
      </label>
    </>
  );
}

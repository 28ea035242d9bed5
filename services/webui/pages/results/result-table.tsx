import { useState } from "react";
import { keyOfColumn } from "../../../core/export/columns.ts";
import { resultAddress } from "../api/client.ts";
import type { ResultRow } from "../api/types.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { formatBytes } from "../shell/amounts.ts";
import { Time } from "../shell/time.tsx";
import { Cell, WebLink } from "./cell.tsx";
import { cellOf, PAGE_COLUMN, titleOf } from "./columns.ts";
import "./result-table.css";

/** A page of results. @param columns as in exports: `url` is the page's, `result.url` a result's own. */
export function ResultTable({ name, rows, columns }: { name: string; rows: ResultRow[]; columns: string[] }) {
  return (
    <div className="panel scroll">
      <table className="results">
        <thead>
          <tr>
            <th scope="col">
              <span className="hidden-text">Whole result</span>
            </th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {titleOf(column)}
              </th>
            ))}
            <th scope="col">stored</th>
            <th scope="col">task</th>
          </tr>
        </thead>
        {rows.map((row) => (
          <Row key={`${row.taskid} ${row.index}`} name={name} row={row} columns={columns} />
        ))}
      </table>
    </div>
  );
}

/** A large result is only linked: the browser would need long to show it. */
function CutResult({ name, row }: { name: string; row: ResultRow }) {
  return (
    <>
      <pre>{String(row.result)}…</pre>
      <p>
        This is the beginning of {formatBytes(row.bytes)}.{" "}
        <a href={resultAddress(name, row)} target="_blank" rel="noreferrer">
          Open the whole result
        </a>
      </p>
    </>
  );
}

function Row({ name, row, columns }: { name: string; row: ResultRow; columns: string[] }) {
  const [isOpen, setOpen] = useState(false);
  const { taskid, url, result, updatetime } = row;
  return (
    <tbody>
      <tr>
        <td>
          <button
            type="button"
            className="quiet"
            aria-expanded={isOpen}
            aria-label={`Whole result of ${url}`}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? "▾" : "▸"}
          </button>
        </td>
        {columns.map((column) => (
          <td key={column}>{column === PAGE_COLUMN ? <WebLink address={url} /> : <Cell value={cellOf(result, keyOfColumn(column))} />}</td>
        ))}
        <td className="time">
          <Time at={updatetime} />
        </td>
        <td>
          <Link href={addresses.task(name, taskid)} title={url}>
            <code>{taskid.slice(0, 8)}</code>
          </Link>
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={columns.length + 3}>
            {row.isCut ? <CutResult name={name} row={row} /> : <pre>{JSON.stringify(result, null, 2)}</pre>}
          </td>
        </tr>
      )}
    </tbody>
  );
}

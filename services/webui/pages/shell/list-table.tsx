import type { ReactNode } from "react";
import "./list-table.css";

export interface Column {
  title: string;
  /** What the title leaves open, shown on hovering. */
  hint?: string;
  className?: string;
}

export interface ListTableProps {
  className?: string;
  /** Read by screen readers only. */
  caption?: string;
  columns: readonly Column[];
  /** The rows. */
  children: ReactNode;
}

/** A panel with rows of short texts and figures below the titles of their columns; it scrolls sideways in a narrow window. */
export function ListTable({ className, caption, columns, children }: ListTableProps) {
  return (
    <div className="panel scroll">
      <table className={className === undefined ? "list-table" : `${className} list-table`}>
        {caption !== undefined && <caption className="hidden-text">{caption}</caption>}
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" className={column.className} title={column.hint}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

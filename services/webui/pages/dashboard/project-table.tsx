import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import type { SummaryRow } from "../api/types.ts";
import { WINDOWS } from "../counters/windows.ts";
import { ProjectRow } from "./project-row.tsx";
import "./project-table.css";

/** Of a row with a comment. Rows that were shown are measured. */
const ROW_PX = 66;
/** Rows beyond the window's edges: what the tab key and a fast wheel reach before the next frame. */
const OVERSCAN = 6;

export interface ProjectTableProps {
  projects: SummaryRow[];
  selected: ReadonlySet<string>;
  onSelect: (name: string, isSelected: boolean) => void;
  onSelectAll: (isSelected: boolean) => void;
}

/** The listed projects, a row each; a narrow window shows cards. Only the rows in sight are in the document. */
export function ProjectTable({ projects, selected, onSelect, onSelectAll }: ProjectTableProps) {
  const panel = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  // Notices above the table move it.
  useLayoutEffect(() => {
    const now = (panel.current?.getBoundingClientRect().top ?? 0) + window.scrollY + (head.current?.offsetHeight ?? 0);
    if (Math.abs(now - top) > 1) setTop(now);
  });
  const virtualizer = useWindowVirtualizer({
    count: projects.length,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => projects[index]?.name ?? index,
  });
  const rows = virtualizer.getVirtualItems();
  const before = (rows[0]?.start ?? top) - top;
  const after = virtualizer.getTotalSize() - ((rows.at(-1)?.end ?? top) - top);
  const isAll = projects.length > 0 && projects.every(({ name }) => selected.has(name));
  return (
    // The padding is the room of the rows that are out of sight.
    <div ref={panel} className="panel" style={{ paddingTop: before, paddingBottom: after }}>
      <table className="projects" aria-rowcount={projects.length + 1}>
        <thead ref={head}>
          <tr aria-rowindex={1}>
            <td className="select">
              <input
                type="checkbox"
                aria-label="Select all listed projects"
                checked={isAll}
                onChange={({ target }) => onSelectAll(target.checked)}
              />
            </td>
            <th scope="col" className="name">
              Project
            </th>
            <th scope="col">State</th>
            <th scope="col" title="Tasks a second / tasks at once">
              Rate / burst
            </th>
            <th scope="col" title="The last 20 minutes">
              Pages a minute
            </th>
            {WINDOWS.map(({ key, title }) => (
              <th key={key} scope="col" title={key === "all" ? "Tasks by state" : `Events of the last ${title}`}>
                {title}
              </th>
            ))}
            <th scope="col">
              <span className="hidden-text">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ index, key }) => {
            const project = projects[index];
            return (
              project && (
                <ProjectRow
                  key={key}
                  ref={virtualizer.measureElement}
                  {...{ project, index, onSelect }}
                  isSelected={selected.has(project.name)}
                />
              )
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

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
  // Notices above the table move it: without a dependency list, this would lay out the page at each scrolled row.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are why it may have moved
  useLayoutEffect(() => {
    const now = (panel.current?.getBoundingClientRect().top ?? 0) + window.scrollY + (head.current?.offsetHeight ?? 0);
    if (Math.abs(now - top) > 1) setTop(now);
  }, [projects, selected, top]);
  const virtualizer = useWindowVirtualizer({
    count: projects.length,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => projects[index]?.name ?? index,
  });
  const rows = virtualizer.getVirtualItems();
  const isAll = projects.length > 0 && projects.every(({ name }) => selected.has(name));
  return (
    <div ref={panel} className="panel">
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
            <th scope="col">Project</th>
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
        {/* As high as all rows together. Each row has its own place, so a row that comes into sight moves no other. */}
        <tbody style={{ height: virtualizer.getTotalSize() }}>
          {rows.map(({ index, key, start }) => {
            const project = projects[index];
            return (
              project && (
                <ProjectRow
                  key={key}
                  ref={virtualizer.measureElement}
                  {...{ project, index, onSelect }}
                  top={start - top}
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

import { type KeyboardEvent, useEffect, useRef } from "react";
import { Link } from "../navigation/link.tsx";
import { openBeside } from "../navigation/location-store.ts";
import { addresses } from "../navigation/route.ts";
import "./task-beside.css";
import { TaskStory } from "./task-story.tsx";

/** One task beside the list; `list` is the address of the list alone. It has the focus until it is closed, by a link or Escape. */
export function TaskBeside({ project, taskid, list }: { project: string; taskid: string; list: string }) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === "Escape") openBeside(list);
  };
  return (
    <aside ref={panel} className="task-beside" tabIndex={-1} aria-label="Task" onKeyDown={onKeyDown}>
      <p className="task-beside-bar">
        <Link href={addresses.task(project, taskid)}>Open as a page</Link>
        <Link href={list} beside={list}>
          Close
        </Link>
      </p>
      <TaskStory key={taskid} project={project} taskid={taskid} />
    </aside>
  );
}

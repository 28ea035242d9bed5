import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import "./task-page.css";
import { TaskStory } from "./task-story.tsx";

/** One task by itself. */
export function TaskPage({ project, taskid }: { project: string; taskid: string }) {
  return (
    <section aria-label="Task">
      <title>{`${taskid} of ${project} · Orbweaver`}</title>
      <p className="back">
        <Link href={addresses.tasks(project)}>← All tasks</Link>
      </p>
      <TaskStory project={project} taskid={taskid} />
    </section>
  );
}

import { useEffect } from "react";
import { DashboardPage } from "./dashboard/dashboard-page.tsx";
import { Link } from "./navigation/link.tsx";
import { navigate } from "./navigation/location-store.ts";
import { addresses, type Route } from "./navigation/route.ts";
import { ProjectFrame } from "./project/project-frame.tsx";
import { ScriptPage } from "./project/script-page.tsx";
import { ResultsPage } from "./results/results-page.tsx";
import { SettingsPage } from "./settings/settings-page.tsx";
import { TaskPage } from "./tasks/task-page.tsx";
import { TasksPage } from "./tasks/tasks-page.tsx";

/** The page of a route. A page of one project starts over for another project. */
export function CurrentPage({ route }: { route: Route }) {
  if (route.page === "dashboard") return <DashboardPage filter={route.filter} />;
  if (route.page === "login") return <Forward to={addresses.dashboard} />;
  if (route.page === "unknown") return <UnknownPage />;
  return (
    <ProjectFrame key={route.project} name={route.project} section={route.page === "task" ? "tasks" : route.page}>
      {(project) => (
        <>
          {route.page === "script" && <ScriptPage project={project} line={route.line} />}
          {route.page === "results" && <ResultsPage name={route.project} before={route.before} />}
          {route.page === "tasks" && <TasksPage name={route.project} status={route.status} search={route.search} after={route.after} />}
          {route.page === "settings" && <SettingsPage project={project} />}
          {route.page === "task" && <TaskPage project={route.project} taskid={route.taskid} />}
        </>
      )}
    </ProjectFrame>
  );
}

/** A user who is logged in leaves /login. */
function Forward({ to }: { to: string }) {
  useEffect(() => navigate(to), [to]);
  return null;
}

function UnknownPage() {
  return (
    <section className="empty">
      <title>Page not found · Orbweaver</title>
      <h1>There is no page at this address</h1>
      <p>
        All projects are on <Link href={addresses.dashboard}>the dashboard</Link>.
      </p>
    </section>
  );
}

import { useEffect } from "react";
import { Deferred, deferred } from "./navigation/deferred.tsx";
import { Link } from "./navigation/link.tsx";
import { navigate } from "./navigation/location-store.ts";
import { addresses, type Route } from "./navigation/route.ts";

const ActivityPage = deferred(async () => (await import("./activity/activity-page.tsx")).ActivityPage);
const ClusterPage = deferred(async () => (await import("./cluster/cluster-page.tsx")).ClusterPage);
const DashboardPage = deferred(async () => (await import("./dashboard/dashboard-page.tsx")).DashboardPage);
const ProjectFrame = deferred(async () => (await import("./project/project-frame.tsx")).ProjectFrame);
const ScriptPage = deferred(async () => (await import("./project/script-page.tsx")).ScriptPage);
const LogPage = deferred(async () => (await import("./log/log-page.tsx")).LogPage);
const ResultsPage = deferred(async () => (await import("./results/results-page.tsx")).ResultsPage);
const SettingsPage = deferred(async () => (await import("./settings/settings-page.tsx")).SettingsPage);
const TaskPage = deferred(async () => (await import("./tasks/task-page.tsx")).TaskPage);
const TasksPage = deferred(async () => (await import("./tasks/tasks-page.tsx")).TasksPage);

/** The page of a route; its code is loaded when it is first opened. */
export function CurrentPage({ route }: { route: Route }) {
  return (
    <Deferred>
      <PageOf route={route} />
    </Deferred>
  );
}

/** A page of one project starts over for another project. */
function PageOf({ route }: { route: Route }) {
  if (route.page === "dashboard") return <DashboardPage filter={route.filter} />;
  if (route.page === "cluster") return <ClusterPage />;
  if (route.page === "login") return <Forward to={addresses.dashboard} />;
  if (route.page === "unknown") return <UnknownPage />;
  return (
    <ProjectFrame key={route.project} name={route.project} section={route.page === "task" ? "tasks" : route.page}>
      {(project) => (
        <Deferred>
          {route.page === "script" && <ScriptPage project={project} line={route.line} taskid={route.task} />}
          {route.page === "results" && <ResultsPage name={route.project} {...route} />}
          {route.page === "tasks" && <TasksPage name={route.project} {...route} />}
          {route.page === "log" && <LogPage name={route.project} search={route.search} after={route.after} />}
          {route.page === "activity" && <ActivityPage name={route.project} window={route.window} />}
          {route.page === "settings" && <SettingsPage project={project} />}
          {route.page === "task" && <TaskPage project={route.project} taskid={route.taskid} />}
        </Deferred>
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

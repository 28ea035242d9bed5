import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import "./project-tabs.css";

export type Section = "script" | "results" | "tasks" | "log" | "activity" | "settings";

/** The pages of one project. */
export function ProjectTabs({ name, section }: { name: string; section: Section }) {
  const tabs: { section: Section; title: string; href: string }[] = [
    { section: "script", title: "Script", href: addresses.script(name) },
    { section: "results", title: "Results", href: addresses.results(name) },
    { section: "tasks", title: "Tasks", href: addresses.tasks(name) },
    { section: "log", title: "Log", href: addresses.log(name) },
    { section: "activity", title: "Activity", href: addresses.activity(name) },
    { section: "settings", title: "Settings", href: addresses.settings(name) },
  ];
  return (
    <nav className="tabs" aria-label={`Pages of ${name}`}>
      {tabs.map((tab) => (
        <Link key={tab.section} href={tab.href} aria-current={tab.section === section ? "page" : undefined}>
          {tab.title}
        </Link>
      ))}
    </nav>
  );
}

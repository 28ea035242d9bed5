/** What the bench processes of one sample print: one line of JSON. */
import type { Figures } from "./figures.ts";

export interface Lap {
  seconds: number;
  /** User and system time of this process. */
  cpuSeconds: number;
}

/** Starts a watch; the returned function returns the time since then. */
export function startWatch(): () => Lap {
  const beganAt = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - beganAt) / 1_000, cpuSeconds: (user + system) / 1e6 };
  };
}

/** `tasks`, 10,000 of them -> `{"tasksPerSecond":…,"cpuSecondsPer1000Tasks":…}` on stdout. */
export function report(what: "pages" | "tasks", count: number, { seconds, cpuSeconds }: Lap): void {
  const name = what === "pages" ? "Pages" : "Tasks";
  const figures: Figures = { [`${what}PerSecond`]: count / seconds, [`cpuSecondsPer1000${name}`]: cpuSeconds / (count / 1_000) };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

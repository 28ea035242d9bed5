/** The report on confinement at the start of a process that runs untrusted texts. */
import { Gauge } from "prom-client";
import { metrics } from "../../core/runtime/metrics.ts";
import type { Confined } from "./confine.ts";

/** One sentence: which parts are active, and which are not. */
export function confinementText(confined: Confined | undefined): string {
  if (!confined) return "Scripts run in processes without any permission of Node; this system's kernel does not confine them further.";
  const parts: [part: string, holds: boolean][] = [
    ["no new privileges", confined.noNewPrivileges],
    ["seccomp", confined.seccomp],
    [confined.landlock === 0 ? "Landlock" : `Landlock ${confined.landlock}`, confined.landlock > 0],
    ["limits", confined.limits],
  ];
  const list = (held: boolean) => parts.flatMap(([part, holds]) => (holds === held ? [part] : [])).join(", ");
  const missing = list(false);
  return `The kernel confines scripts (${list(true)}; user ${confined.uid})${missing === "" ? "." : `; not supported here: ${missing}.`}`;
}

/** Sets `orb_confinement`: 1 for an active part, Landlock's version, 0 for an inactive one. */
export function measureConfinement(confined: Confined | undefined): void {
  const gauge = new Gauge({
    name: "orb_confinement",
    help: "Parts of the kernel's confinement of scripts",
    labelNames: ["part"],
    registers: [metrics],
  });
  const { noNewPrivileges = false, seccomp = false, landlock = 0, limits = false } = confined ?? {};
  for (const [part, value] of Object.entries({ no_new_privileges: noNewPrivileges, seccomp, landlock, limits }))
    gauge.set({ part }, Number(value));
}

import type { Replica } from "../api/types.ts";

/** The role of a process; of schedulers also which one is active. `holder`: `host:process` of the active one. */
export function roleText({ role, id }: Pick<Replica, "role" | "id">, holder: string | undefined): string {
  if (role === "all") return "all roles";
  if (role !== "scheduler" || holder === undefined) return role;
  return id.startsWith(`${holder.replace(":", "-")}-`) ? "scheduler, active" : "scheduler, standby";
}

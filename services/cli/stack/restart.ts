/** `./orb restart`: the scheduled restart, now. */

import { renderRestartScript } from "../../../stacks/render/restart-script.ts";
import { ROLES, type Role } from "../../../stacks/roles.ts";
import { managersOf } from "../../../stacks/swarm-plan.ts";
import { NoManagerError, UsageError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { print, say } from "../terminal.ts";
import { openFleet, runOn } from "./fleet-hosts.ts";

/** @throws UsageError if the role does not exist; NoManagerError if the swarm's leader does not answer. */
export async function restart(flags: StackFlags, roles: Role[]): Promise<number> {
  const unknown = roles.filter((role) => !ROLES.includes(role));
  if (unknown.length > 0) {
    throw new UsageError(
      "restart",
      unknown.map((role) => ({ path: "ROLE", value: role, remedy: `write some of ${ROLES.join(", ")}` })),
    );
  }
  const fleet = await openFleet(flags);
  const script = renderRestartScript(roles.length > 0 ? roles : undefined);
  const attempts: string[] = [];
  for (const host of managersOf(fleet.config.hosts)) {
    const said: string[] = [];
    const show = (line: string) => {
      said.push(line);
      if (/^(restarting|moving) /.test(line)) say(line);
    };
    const { code, stderr } = await runOn(fleet, host, script, { show });
    const restarted = said.filter((line) => line.startsWith("restarting ")).map((line) => line.slice("restarting ".length));
    if (code === 0 && restarted.length > 0) {
      print(flags.json ? `${JSON.stringify({ restarted })}\n` : `restarted: ${restarted.join(", ")}\n`);
      return EXIT.ok;
    }
    if (restarted.length > 0 || (code === 0 && !said.includes("another manager is the leader"))) {
      say([...said.slice(-1), stderr.trim()].filter(Boolean).join("\n"));
      return EXIT.failed;
    }
    attempts.push(`  ${host.name} (${host.address}): ${stderr.trim() || said.at(-1) || `exit code ${code}`}`);
  }
  throw new NoManagerError(attempts);
}

/** `./orb logs`: the logs of a role's containers on all hosts. */
import { ROLES } from "../../../stacks/roles.ts";
import { abortOnSignals } from "../../core/runtime/signals.ts";
import { UsageError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { print, say } from "../terminal.ts";
import { openFleet, runOn } from "./fleet-hosts.ts";

const CONTAINERS = ["postgres", "redis", "registry", "balancer", "edge"];

/** @throws UsageError if the role does not exist. */
export async function logs(flags: StackFlags & { follow: boolean; lines: number }, [role = ""]: string[]): Promise<number> {
  const roles: readonly string[] = [...ROLES, ...CONTAINERS];
  if (!roles.includes(role)) throw new UsageError("logs", [{ path: "ROLE", value: role, remedy: `write one of ${roles.join(", ")}` }]);
  const fleet = await openFleet(flags);
  using stop = abortOnSignals();
  const ends = await Promise.all(
    fleet.config.hosts.map(async (host) => {
      const show = (line: string) => print(`${host.name} ${line}\n`);
      return { host, end: await runOn(fleet, host, logScript(role, flags), { signal: stop.signal, show }) };
    }),
  );
  const failed = stop.signal.aborted ? [] : ends.filter(({ end }) => end.code !== 0);
  for (const { host, end } of failed) say(`${host.name}: ${end.stderr.trim() || `exit code ${end.code}`}`);
  return failed.length > 0 ? EXIT.failed : EXIT.ok;
}

/** Reads the containers of one host; each line begins with the container's name. */
export function logScript(role: string, { follow, lines }: { follow: boolean; lines: number }): string {
  const filter = CONTAINERS.includes(role) ? `name=^orbweaver-${role}$` : `label=com.docker.swarm.service.name=${role}`;
  return `ids=$(docker ps --all --filter '${filter}' --format '{{.ID}}/{{.Names}}') || exit
for id in $ids; do
  name=\${id#*/}
  docker logs --tail ${lines}${follow ? " --follow" : ""} "\${id%%/*}" 2>&1 </dev/null | sed -u "s/^/\${name%%.*}.$(printf %.8s "\${id}"): /" &
done
wait
`;
}

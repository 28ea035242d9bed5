/** The scheduled restart: the script that a timer runs on a manager. */
import { GROUPS, type Role } from "../roles.ts";
import { holdLockHere } from "./fleet-lock.ts";
import { shellWord } from "./host-script.ts";
import { SPREAD_FUNCTION } from "./spread-script.ts";
import { SWARM_CALL } from "./swarm-call.ts";

export const RESTART_SCRIPT_FILE = "/usr/local/sbin/orbweaver-restart";

/** One service: a start-first update of its replicas, each gated by health. */
const SERVICE_SECONDS = 600;

/**
 * Restarts services one at a time, start-first and gated by health, by each service's own update settings, and spreads their replicas. It acts only on the swarm's leader,
 * and not while a service is being updated or the lock is held: then it prints the reason and waits for the next scheduled time.
 *
 * @param services each under its role's name; without any, the five groups, never the scheduler.
 */
export function renderRestartScript(services: readonly Role[] = GROUPS): string {
  const names = services.map(shellWord).join(" ");
  return `#!/bin/bash
set -euo pipefail
services=(${names})
leave() { printf '%s\\n' "$1"; exit 0; }
${SWARM_CALL}
${SPREAD_FUNCTION}
state_of() { swarm service inspect "$1" --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}'; }
# The client is done when all new replicas run; Swarm itself watches them a little longer.
settled_state_of() {
  for attempt in $(seq ${SERVICE_SECONDS}); do
    state=$(state_of "$1")
    case $state in updating | rollback_started) sleep 1 ;; *) break ;; esac
  done
  printf '%s' "$state"
}

exec 9>/run/lock/orbweaver-restart
flock -n 9 || leave 'a restart is running on this host'
[ "$(swarm node inspect self --format '{{if .ManagerStatus}}{{.ManagerStatus.Leader}}{{end}}')" = true ] || leave 'another manager is the leader'

${holdLockHere("the scheduled restart on $(hostname)", 'leave "the fleet\'s lock is held by $holder"')}

for service in "\${services[@]}"; do
  case $(state_of "$service") in updating | rollback_started) leave "$service is being updated" ;; esac
done
for service in "\${services[@]}"; do
  docker service inspect "$service" >/dev/null 2>&1 || continue
  printf 'restarting %s\\n' "$service"
  timeout ${SERVICE_SECONDS} docker service update --force --quiet "$service" </dev/null >/dev/null
  state=$(settled_state_of "$service")
  if [ "$state" != completed ]; then
    printf '%s\\n' "$service: the restart ended in state $state; the groups after it were not restarted. See: docker service ps $service" >&2
    exit 1
  fi
  spread "$service"
done
`;
}

/** The scheduled restart: what a manager runs when its timer says so. */
import { GROUPS, type Role } from "../roles.ts";
import { holdLockHere } from "./fleet-lock.ts";
import { shellWord } from "./host-script.ts";

export const RESTART_SCRIPT_FILE = "/usr/local/sbin/orbweaver-restart";

/** One service: a start-first roll of its replicas, each gated by health. */
const SERVICE_SECONDS = 600;

/**
 * Rolls services one at a time, start-first and gated by health as each service's own update settings say.
 * Only on the swarm's leader, and not while a service is being updated or somebody has the lock: then it says why and leaves it to the next time.
 *
 * @param services each goes by its role's name; without any, the five groups, never the scheduler.
 */
export function renderRestartScript(services: readonly Role[] = GROUPS): string {
  const names = services.map(shellWord).join(" ");
  return `#!/bin/bash
set -euo pipefail
services=(${names})
leave() { printf '%s\\n' "$1"; exit 0; }
state_of() { docker service inspect "$1" --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}'; }
# The client is done when all new replicas run; Swarm itself watches them a little longer.
settled_state_of() {
  for attempt in $(seq ${SERVICE_SECONDS}); do
    state=$(state_of "$1")
    case $state in updating | rollback_started) sleep 1 ;; *) break ;; esac
  done
  printf '%s' "$state"
}

exec 9>/run/lock/orbweaver-restart
flock -n 9 || leave 'a restart is under way on this host'
[ "$(docker node inspect self --format '{{if .ManagerStatus}}{{.ManagerStatus.Leader}}{{end}}')" = true ] || leave 'another manager is the leader'

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
    printf '%s\\n' "$service: the restart ended in state $state; the groups after it were left alone. See: docker service ps $service" >&2
    exit 1
  fi
done
`;
}

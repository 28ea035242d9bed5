/** The scheduled restart: what a manager runs when its timer says so. */
import { GROUPS, type Role } from "../roles.ts";
import { shellWord } from "./host-script.ts";

export const RESTART_SCRIPT_FILE = "/usr/local/sbin/orbweaver-restart";

/**
 * The fleet's lock: a swarm config of this name, because one can be made only once and every manager sees it. Its label `expires` is the unix
 * time after which nobody needs to heed it: whoever made it has died.
 */
export const LOCK = "orbweaver-lock";
/** Longer than the longest restart, so that a lock outlives its owner's work. */
const LOCK_SECONDS = 3_600;
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

exec 9>/run/lock/orbweaver-restart
flock -n 9 || leave 'a restart is under way on this host'
[ "$(docker node inspect self --format '{{if .ManagerStatus}}{{.ManagerStatus.Leader}}{{end}}')" = true ] || leave 'another manager is the leader'

now=$(date +%s)
expires=$(docker config inspect ${LOCK} --format '{{index .Spec.Labels "expires"}}' 2>/dev/null || true)
if [ -n "$expires" ]; then
  [ "$expires" -lt "$now" ] || leave 'a deployment or a restart holds the lock'
  docker config rm ${LOCK} >/dev/null
fi
printf '%s' "scheduled restart on $(hostname)" | docker config create --label "expires=$((now + ${LOCK_SECONDS}))" ${LOCK} - >/dev/null || leave 'somebody was faster to take the lock'
trap 'docker config rm ${LOCK} >/dev/null' EXIT

for service in "\${services[@]}"; do
  state=$(docker service inspect "$service" --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}')
  case $state in updating | rollback_started) leave "$service is being updated" ;; esac
done
for service in "\${services[@]}"; do
  docker service inspect "$service" >/dev/null 2>&1 || continue
  printf 'restarting %s\\n' "$service"
  timeout ${SERVICE_SECONDS} docker service update --force --quiet "$service" </dev/null
  state=$(docker service inspect "$service" --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}')
  if [ "$state" != completed ]; then
    printf '%s\\n' "$service: the restart ended in state $state; the groups after it were left alone. See: docker service ps $service" >&2
    exit 1
  fi
done
`;
}

/**
 * Spreads a service's replicas over the worker hosts. Swarm chooses a host only when it starts a replica: an update, or a host that was away,
 * can leave all replicas of a group on one host.
 */
import { PLACE_LABEL } from "./docker-daemon.ts";

/** A new replica becomes healthy within this time even on a busy host. In seconds. */
const START_SECONDS = 120;

/**
 * Shell function `spread SERVICE`; it needs `swarm`. While one host runs two replicas more than another, it starts one replica more and then
 * stops one: Swarm starts it on the host with the fewest, and stops one on the host with the most. It prints a line for each move, and ends when
 * the last has stopped. It never fails because of a replica that does not start, and leaves the number of replicas as it was, also if it is
 * terminated.
 */
export const SPREAD_FUNCTION = `# Prints by how many replicas the worker hosts that can run any differ, and the sum of the squares, which each useful move reduces.
spread_of() {
  {
    swarm node ls --filter label=${PLACE_LABEL}=worker --format 'host {{.Status}} {{.Availability}} {{.Hostname}}'
    swarm service ps "$1" --filter desired-state=running --format 'replica Running Active {{.Node}}'
  } | awk '$1 == "host" && $2 == "Ready" && $3 == "Active" { count[$4] = 0 }
    $1 == "replica" && $4 in count { count[$4]++ }
    END {
      for (host in count) {
        if (few == "" || count[host] < few) few = count[host]
        if (count[host] > most) most = count[host]
        squares += count[host] ^ 2
      }
      print most - few, squares + 0
    }'
}
# Prints how many replicas of the service $1 are wanted, run, and stop. A lost host's replicas never report that they have stopped.
replicas_of() {
  {
    swarm node ls --format 'host {{.Status}} {{.Hostname}}'
    swarm service ps "$1" --format 'replica {{.DesiredState}} {{.CurrentState}} on {{.Node}}'
  } | awk '$1 == "host" { isReady[$3] = $2 == "Ready" }
    $1 == "replica" && $2 == "Running" { wanted++; if ($3 == "Running") running++ }
    $1 == "replica" && $2 != "Running" && $3 == "Running" && isReady[$NF] { stopping++ }
    END { print wanted + 0, running + 0, stopping + 0 }'
}
# Waits until the service $1 has $2 running replicas, none that starts and none that stops.
has_replicas() {
  local end=$((SECONDS + ${START_SECONDS}))
  until [ "$(replicas_of "$1")" = "$2 $2 0" ]; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.3
  done
}
replicas_are() { swarm service scale --detach "$1=$2" >/dev/null; }
spread() {
  local service=$1 wanted gap squares before=
  wanted=$(swarm service inspect "$service" --format '{{.Spec.Mode.Replicated.Replicas}}')
  while read -r gap squares < <(spread_of "$service") && [ "$gap" -ge 2 ] && [ "$squares" != "$before" ]; do
    before=$squares
    printf 'moving a replica of %s to a host with fewer\\n' "$service"
    (
      trap 'replicas_are "$service" "$wanted"' EXIT
      replicas_are "$service" $((wanted + 1))
      has_replicas "$service" $((wanted + 1)) || true
    )
    has_replicas "$service" "$wanted" || return 0
  done
}`;

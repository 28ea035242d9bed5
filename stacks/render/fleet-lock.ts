/** Serializes deployments and restarts of one fleet, from any machine. */
import { shellWord } from "./host-script.ts";

/**
 * The fleet's lock: a swarm config of this name, because it can be created only once and every manager sees it. Its label `owner` names the
 * holder. A running holder creates a new heartbeat every ten seconds: a config whose name begins with the lock's. No clocks of hosts are compared: a
 * waiting process watches, and a lock without a new heartbeat belongs to a crashed holder.
 */
export const LOCK = "orbweaver-lock";
const HEARTBEAT = `${LOCK}-beat`;
/** Poll interval of a lock that another process holds. */
const LOOK_SECONDS = 5;
/** Time without a heartbeat after which a lock is taken over: six heartbeats. */
const DEAD_SECONDS = 60;
/** One second apart. A swarm that lost its leader elects another within about 5 s. */
const DROP_ATTEMPTS = 8;
/** A remote holder sends a line at this interval, and the host turns it into a heartbeat. */
export const HEARTBEAT_SECONDS = 10;

/**
 * Shell functions for a manager.
 *
 * - `claim_lock OWNER` takes the lock, also from a crashed holder; it fails and sets `holder` if the holder still runs. Between two polls it calls
 * `watch_lock`, which the script defines. It prints `dead HOLDER` for a lock that it takes over.
 * - `beat_lock` makes a heartbeat.
 * - `drop_lock` releases the lock, if this process has it.
 */
export const LOCK_FUNCTIONS = `my_lock=
beat=0
lock_state() { docker config ls --filter name=${LOCK} --format '{{.Name}} {{.ID}}' 2>/dev/null | sort || true; }
# By id: a lock of the same name that another has made in the meantime stays.
remove_lock() { docker config rm "$1" $(docker config ls --quiet --filter "name=${HEARTBEAT}-$1-") >/dev/null 2>&1 || true; }
# Tries again while the swarm has no leader.
drop_lock() {
  local attempt ids
  [ -n "$my_lock" ] || return 0
  for attempt in $(seq ${DROP_ATTEMPTS}); do
    remove_lock "$my_lock"
    if ids=$(docker config ls --quiet 2>/dev/null) && [[ $ids != *"$my_lock"* ]]; then break; fi
    sleep 1
  done
  my_lock=
}
beat_lock() {
  printf '%s' "$beat" | docker config create "${HEARTBEAT}-$my_lock-$((beat + 1))" - >/dev/null 2>&1 || return 0
  docker config rm "${HEARTBEAT}-$my_lock-$beat" >/dev/null 2>&1 || true
  beat=$((beat + 1))
}
# Monotonic: a step of the clock makes no lock look old.
uptime_seconds() { local up; read -r up _ </proc/uptime; printf '%s' "\${up%%.*}"; }
claim_lock() {
  local state seen= since=0 id
  until my_lock=$(printf '%s' "$1" | docker config create --label "owner=$1" ${LOCK} - 2>/dev/null); do
    my_lock=
    holder=$(docker config inspect ${LOCK} --format '{{index .Spec.Labels "owner"}}' 2>/dev/null || printf 'another process')
    state=$(lock_state)
    id=$(printf '%s\\n' "$state" | sed -n 's/^${LOCK} //p')
    if [ -z "$id" ] || [ "$state" != "$seen" ]; then
      [ -z "$seen" ] || [ -z "$id" ] || return 1
      seen=$state since=$(uptime_seconds)
    elif [ $(($(uptime_seconds) - since)) -ge ${DEAD_SECONDS} ]; then
      printf 'dead %s\\n' "$holder"
      remove_lock "$id"
      seen=
      continue
    fi
    watch_lock
  done
}`;

/**
 * Holds the lock for as long as the client is connected: it is released when standard input ends, or has no line for DEAD_SECONDS. Prints
 * `held HOLDER` while it waits, then `taken`. Fails immediately on a host that does not manage a swarm.
 *
 * @param owner the holder's name, for people.
 */
export const holdLockScript = (
  owner: string,
): string => `# One command for the shell: it has to be read whole before its parts read from the same standard input.
{
${LOCK_FUNCTIONS}
docker node ls >/dev/null || exit 1
silent=0
# Waits for a line from the client, for some seconds at most.
listen() {
  local code=0
  read -r -t "$1" _ || code=$?
  if [ "$code" -eq 0 ]; then silent=0; return 0; fi
  [ "$code" -gt 128 ] || exit 0
  silent=$((silent + $1))
  [ "$silent" -lt ${DEAD_SECONDS} ] || exit 1
  return 1
}
watch_lock() { printf 'held %s\\n' "$holder"; listen ${LOOK_SECONDS} || true; }
trap drop_lock EXIT
trap 'exit 1' HUP INT TERM PIPE
until claim_lock ${shellWord(owner)}; do :; done
printf 'taken\\n'
while :; do if listen ${HEARTBEAT_SECONDS}; then beat_lock; fi; done
}
`;

/** Exit codes of `clearLockScript`. */
export const LOCK_CLEARED = 0;
export const LOCK_HELD = 75;

/**
 * Removes the lock of a crashed holder, which takes a minute to detect. Prints `dead HOLDER` if there was one; ends with LOCK_HELD and prints
 * `held HOLDER` if the holder still runs.
 */
export const clearLockScript = (owner: string): string => `${LOCK_FUNCTIONS}
docker node ls >/dev/null || exit 1
watch_lock() { sleep ${LOOK_SECONDS}; }
trap drop_lock EXIT
if claim_lock ${shellWord(owner)}; then exit ${LOCK_CLEARED}; fi
printf 'held %s\\n' "$holder"
exit ${LOCK_HELD}
`;

/** For a script on a manager: holds the lock until the script ends, with a heartbeat in the background. */
export const holdLockHere = (owner: string, onHeld: string): string => `${LOCK_FUNCTIONS}
watch_lock() { sleep ${LOOK_SECONDS}; }
claim_lock "${owner}" || ${onHeld}
# Without the script's open files: the last sleep outlives the script.
(while sleep ${HEARTBEAT_SECONDS} && kill -0 $$ 2>/dev/null; do beat_lock; done) </dev/null >/dev/null 2>&1 9>&- &
heartbeat=$!
trap 'kill "$heartbeat" 2>/dev/null; drop_lock' EXIT`;

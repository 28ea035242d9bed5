/** Docker calls of scripts to a swarm that may be electing a leader, or that answers slowly. */

/** Time for the election of a leader, or for a busy host. In seconds. */
const PATIENCE_SECONDS = 60;
/** Docker's messages, for any command, while the failure may be transient. */
const PASSING = "code = (DeadlineExceeded|Unavailable)|context deadline exceeded|does not have a leader|update out of sequence";

/** Shell function: `swarm ARGUMENTS…` is `docker ARGUMENTS…`, for commands that may be repeated. Other errors fail immediately. */
export const SWARM_CALL = `swarm() {
  local code errors end=$((SECONDS + ${PATIENCE_SECONDS}))
  errors=$(mktemp)
  while :; do
    code=0
    docker "$@" </dev/null 2>"$errors" || code=$?
    if [ "$code" -eq 0 ] || [ "$SECONDS" -ge "$end" ] || ! grep -qE '${PASSING}' "$errors"; then break; fi
    sleep 1
  done
  cat "$errors" >&2
  rm -f -- "$errors"
  return "$code"
}`;

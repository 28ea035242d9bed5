/** Keeps deployments and restarts of one fleet apart, whichever machine they are run from. */
import { shellWord } from "./host-script.ts";

/**
 * The fleet's lock: a swarm config of this name, because one can be made only once and every manager sees it. Its labels say who made it
 * (`owner`) and the unix time after which nobody needs to heed it (`expires`): whoever made it has died.
 */
export const LOCK = "orbweaver-lock";
/** Longer than the longest restart and any deployment, so that a lock outlives its owner's work. */
const LOCK_SECONDS = 3_600;

/**
 * Shell functions for a manager: `take_lock OWNER` (fails and sets `holder` if somebody has the lock; that of a dead owner is taken over) and
 * `drop_lock`.
 */
export const LOCK_FUNCTIONS = `drop_lock() { docker config rm ${LOCK} >/dev/null; }
take_lock() {
  local now expires
  now=$(date +%s)
  expires=$(docker config inspect ${LOCK} --format '{{index .Spec.Labels "expires"}}' 2>/dev/null || true)
  if [ -n "$expires" ]; then
    holder=$(docker config inspect ${LOCK} --format '{{index .Spec.Labels "owner"}}' 2>/dev/null || true)
    [ "$expires" -lt "$now" ] || return 1
    drop_lock
  fi
  holder='somebody who was faster'
  printf '%s' "$1" | docker config create --label "expires=$((now + ${LOCK_SECONDS}))" --label "owner=$1" ${LOCK} - >/dev/null 2>&1
}`;

/** Exit codes of `takeLockScript`. */
export const LOCK_TAKEN = 0;
export const LOCK_HELD = 75;

/** Takes the lock for `owner`; ends with LOCK_HELD, and prints who has it, if somebody does; with another code where no swarm is managed. */
export const takeLockScript = (owner: string): string => `${LOCK_FUNCTIONS}
docker node ls >/dev/null || exit 1
take_lock ${shellWord(owner)} && exit ${LOCK_TAKEN}
printf '%s\\n' "$holder"
exit ${LOCK_HELD}
`;

export const dropLockScript = (): string => `${LOCK_FUNCTIONS}\ndrop_lock\n`;

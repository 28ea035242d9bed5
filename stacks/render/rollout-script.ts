/** Waits on a manager until all replicas of a service are the newest and run, and spreads them. */
import type { Role } from "../roles.ts";
import { type HostScript, shellWord } from "./host-script.ts";
import { SPREAD_FUNCTION } from "./spread-script.ts";
import { SWARM_CALL } from "./swarm-call.ts";

/** One update of the largest supported group, on busy hosts. */
const ROLLOUT_SECONDS = 1_200;
/** Last lines of a replica that failed. */
const LOG_LINES = 8;

/** The parts of a service that a scheduled restart does not change; one part per line, for the message. */
const SPECIFICATION = [
  "replicas {{.Spec.Mode.Replicated.Replicas}}",
  "image {{.Spec.TaskTemplate.ContainerSpec.Image}}",
  "container {{json .Spec.TaskTemplate.ContainerSpec}}",
  "resources {{json .Spec.TaskTemplate.Resources}}",
  "placement {{json .Spec.TaskTemplate.Placement}}",
  "restart-policy {{json .Spec.TaskTemplate.RestartPolicy}}",
  "networks {{json .Spec.TaskTemplate.Networks}}",
  "update-config {{json .Spec.UpdateConfig}} {{json .Spec.RollbackConfig}}",
  "endpoint {{json .Spec.EndpointSpec}}",
].join("\n");

/** Distinguishes replicas of the newest specification. The whole specifications cannot be compared: Docker fills in empty parts of only one. */
const TASK = `{{with .ContainerSpec}}{{.Image}} {{.Command}} {{.Args}} {{json .Secrets}} {{json .Mounts}} {{json .Healthcheck}}{{end}} {{.Resources.Limits.MemoryBytes}} {{.ForceUpdate}}`;

/**
 * Ends when all wanted replicas run the service's newest specification, and are spread over the hosts. Fails, with the last lines of the newest replica that failed, if
 * Swarm rolls the update back or the time is up.
 *
 * @param declaration any text that changes whenever the service does, so that the script runs again.
 */
export function rolloutScript(role: Role, declaration: string): HostScript {
  const service = shellWord(role);
  return {
    timeoutSeconds: ROLLOUT_SECONDS,
    after: `# ${declaration}
${SWARM_CALL}
${SPREAD_FUNCTION}
newest() { swarm service inspect ${service} --format '{{with .Spec.TaskTemplate}}${TASK}{{end}}'; }
tasks() { swarm service ps ${service} --no-trunc --quiet --filter desired-state=running | xargs --no-run-if-empty docker inspect --type task --format '{{.Status.State}} {{with .Spec}}${TASK}{{end}}'; }
# Says what is wrong, and the last lines of the newest replica that failed.
give_up() {
  local task
  printf '%s\\n' "$1" >&2
  task=$(swarm service ps ${service} --no-trunc --filter desired-state=shutdown --format '{{.ID}} {{.Node}} {{.CurrentState}} {{.Error}}' | grep -m 1 -E ' (Failed|Rejected) ' || true)
  [ -n "$task" ] || exit 1
  printf 'Its newest failed replica, on %s\\nIts last lines:\\n' "\${task#* }" >&2
  timeout 20 docker service logs --raw --tail ${LOG_LINES} "\${task%% *}" 2>&1 </dev/null | sed 's/^/  /' >&2 || true
  exit 1
}
deadline=$((SECONDS + ${ROLLOUT_SECONDS - 60}))
while :; do
  state=$(swarm service inspect ${service} --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}')
  wanted=$(swarm service inspect ${service} --format '{{.Spec.Mode.Replicated.Replicas}}')
  case $state in rollback_completed | rollback_paused | paused)
    give_up "${role}: the new replicas did not become healthy, and the update ended in $state." ;;
  esac
  if [ "$state" != updating ] && [ "$state" != rollback_started ] && [ "$(tasks | grep -cFx -- "running $(newest)" || true)" = "$wanted" ] && [ "$(tasks | wc -l)" = "$wanted" ]; then break; fi
  if [ "$SECONDS" -gt "$deadline" ]; then
    give_up "${role}: not all $wanted replicas run after ${ROLLOUT_SECONDS - 60} s. See: docker service ps ${role}"
  fi
  sleep 0.5
done
spread ${service}`,
    checks: [{ what: `the service ${role}`, command: `docker service inspect ${service} --format '${SPECIFICATION}'` }],
  };
}

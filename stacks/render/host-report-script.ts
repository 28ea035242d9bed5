/** The questions of `./orb status` and `./orb drift` to a host, in one connection. */
import { CERTIFICATE_STATE_FILE } from "./edge-certificate.ts";
import { shellWord } from "./host-script.ts";
import { checkRecordsCommand } from "./record-script.ts";

/** JSON objects by Docker's templates; services/cli/stack/host-report.ts parses them. */
const jsonOf = (fields: Record<string, string>) =>
  `{${Object.entries(fields)
    .map(([name, path]) => `"${name}":{{json ${path}}}`)
    .join(",")}}`;

const CONTAINER = `container {"health":"{{if .State.Health}}{{.State.Health.Status}}{{end}}",${jsonOf({
  id: ".Id",
  name: ".Name",
  status: ".State.Status",
  isOomKilled: ".State.OOMKilled",
  started: ".State.StartedAt",
  finished: ".State.FinishedAt",
  restarts: ".RestartCount",
  memory: ".HostConfig.Memory",
  memorySwap: ".HostConfig.MemorySwap",
  restart: ".HostConfig.RestartPolicy.Name",
  networks: ".NetworkSettings.Networks",
}).slice(1)}`;

const NODE = `node {"managerAddress":"{{if .ManagerStatus}}{{.ManagerStatus.Addr}}{{end}}","reachability":"{{if .ManagerStatus}}{{.ManagerStatus.Reachability}}{{end}}",${jsonOf(
  { id: ".ID", address: ".Status.Addr", state: ".Status.State", availability: ".Spec.Availability" },
).slice(1)}`;

const SERVICE = `service {"update":"{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}",${jsonOf({
  id: ".ID",
  name: ".Spec.Name",
  replicas: ".Spec.Mode.Replicated.Replicas",
}).slice(1)}`;

const TASK = `task ${jsonOf({
  service: ".ServiceID",
  node: ".NodeID",
  desired: ".DesiredState",
  state: ".Status.State",
  time: ".Status.Timestamp",
  error: ".Status.Err",
})}`;

/**
 * A bash script that changes nothing, and prints one fact a line: `clock`, `disk`, `unreached` (a mesh address), the lines of
 * `checkRecordsCommand`, `container`, `network`; on an edge host with a domain `certificateOrder`; on a manager `manager`, `node`, `service`, `task` and `secret`; and, where Docker or the swarm
 * does not answer, `noDocker` or `noQuorum` with the message.
 *
 * @param peers mesh addresses of the other hosts.
 * @param withRecords whether to include the lines of `checkRecordsCommand`.
 */
export const hostReportScript = ({ peers, withRecords }: { peers: readonly string[]; withRecords: boolean }): string => `{
echo "clock $(date +%s)"
[ ! -r ${CERTIFICATE_STATE_FILE} ] || sed 's/^/certificateOrder /' ${CERTIFICATE_STATE_FILE}
df -P / /var/lib/docker /data 2>/dev/null | awk 'NR > 1 && !seen[$6]++ {sub("%", "", $5); print "disk " $6 " " $5}'
# What runs at the same time writes apart, so that no line is torn.
beside=$(mktemp)
for peer in ${peers.map(shellWord).join(" ")}; do
  { ping -q -c 2 -i 0.5 -W 2 "$peer" >/dev/null 2>&1 || echo "unreached $peer"; } >>"$beside" &
done
${withRecords ? `{\n${checkRecordsCommand()}\n} >>"$beside" &` : ""}
# Networks: all of them. Docker 20.10 leaves some networks of a swarm out of a list by name.
if ! answer=$(timeout 10 docker info --format '{{.Swarm.ControlAvailable}}' 2>&1) ||
  ! containers=$(timeout 20 docker ps --all --quiet --no-trunc 2>&1) ||
  ! networks=$(timeout 20 docker network ls --quiet --no-trunc 2>&1); then
  echo "noDocker $(printf '%s\\n' "$answer" "\${containers:-}" "\${networks:-}" | grep . | tail -n 1)"
else
  [ -z "$containers" ] || docker inspect --format '${CONTAINER}' $containers
  printf 'network %s\\n' $networks
  if [ "$answer" = true ]; then
    if ! nodes=$(timeout 10 docker node ls --quiet 2>&1); then
      echo "noQuorum $(printf '%s' "$nodes" | tail -n 1)"
    else
      echo 'manager yes'
      docker node inspect --format '${NODE}' $nodes
      services=$(docker service ls --quiet)
      [ -z "$services" ] || docker service inspect --format '${SERVICE}' $services
      [ -z "$services" ] || docker service ps --quiet --no-trunc $services | sort -u | xargs --no-run-if-empty docker inspect --type task --format '${TASK}'
      docker secret ls --quiet | sed 's/^/secret /'
    fi
  fi
fi
wait
cat "$beside"
rm -f -- "$beside"
} </dev/null 2>/dev/null
`;

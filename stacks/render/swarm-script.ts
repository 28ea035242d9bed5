/** What makes the hosts one Docker Swarm over the mesh. */
import { type HostScript, shellWord } from "./host-script.ts";

export interface SwarmHost {
  /** The host's name in stack config. */
  name: string;
  meshIp: string;
}

const PORT = 2_377;
/** Of overlay networks: apart from the mesh, and from what providers use for private networks. */
export const OVERLAY_RANGE = "10.201.0.0/16";

const joinFlags = (meshIp: string) => `--advertise-addr ${meshIp} --data-path-addr ${meshIp} --listen-addr ${meshIp}:${PORT}`;

const STATE = `state=$(docker info --format '{{.Swarm.LocalNodeState}}')
[ "$state" != error ] || { systemctl restart docker.service; state=$(docker info --format '{{.Swarm.LocalNodeState}}'); }`;

/** On the first manager. Prints one line, `{"manager": …, "worker": …}`: the tokens to join with. */
export function swarmInitScript({ name, meshIp }: SwarmHost): HostScript {
  return {
    timeoutSeconds: 120,
    after: `host=${shellWord(name)}
${STATE}
case $state in
  inactive) docker swarm init ${joinFlags(meshIp)} --default-addr-pool ${OVERLAY_RANGE} --default-addr-pool-mask-length 24 >&2 ;;
  active) [ "$(docker info --format '{{.Swarm.NodeAddr}}')" = ${meshIp} ] || fail "$host belongs to another swarm. Run 'docker swarm leave' on it if that one is of no use any more." ;;
  *) fail "$host: the swarm is in state $state. See: docker info" ;;
esac
printf '{"manager":"%s","worker":"%s"}\\n' "$(docker swarm join-token -q manager)" "$(docker swarm join-token -q worker)"`,
  };
}

/** On every other host. */
export function swarmJoinScript(
  { name, meshIp }: SwarmHost,
  { token, managerMeshIp }: { token: string; managerMeshIp: string },
): HostScript {
  return {
    timeoutSeconds: 180,
    after: `host=${shellWord(name)}
${STATE}
case $state in
  inactive)
    for attempt in $(seq 30); do
      if docker swarm join ${joinFlags(meshIp)} --token ${shellWord(token)} ${managerMeshIp}:${PORT} >&2; then break; fi
      [ "$attempt" -lt 30 ] || fail "$host cannot join the swarm at ${managerMeshIp}:${PORT} over the mesh. See: journalctl -u docker.service"
      sleep 2
    done ;;
  active) docker info --format '{{range .Swarm.RemoteManagers}}{{.Addr}} {{end}}' | grep -q ${shellWord(`${managerMeshIp}:${PORT}`)} || fail "$host belongs to another swarm. Run 'docker swarm leave' on it if that one is of no use any more." ;;
  *) fail "$host: the swarm is in state $state. See: docker info" ;;
esac`,
  };
}

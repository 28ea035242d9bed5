/** Makes the hosts one Docker Swarm over the mesh. */
import { createHash } from "node:crypto";
import { OVERLAY_PREFIX_LENGTH, OVERLAY_RANGE } from "../ranges.ts";
import { type HostScript, shellWord } from "./host-script.ts";
import { SWARM_CALL } from "./swarm-call.ts";
import { SWARM_PORTS } from "./swarm-ports.ts";

export interface SwarmHost {
  /** The host's name in stack config. */
  name: string;
  meshIp: string;
}

/** A host that may be in the swarm, and its recorded installation. */
export interface IdentifiedHost {
  meshIp: string;
  /** `HostFacts.machineId` */
  identity: string;
}

const { management: PORT, gossip: GOSSIP_PORT } = SWARM_PORTS;
/** Label of a swarm node: the installation of the host that joined. */
const IDENTITY_LABEL = "orbweaver.identity";
/** Label of the node that led the last deployment. */
const LEAD_LABEL = "orbweaver.lead";
/** Label of a node whose host has all images. */
const IMAGES_LABEL = "orbweaver.images";
/**
 * The constraint of every replica. Without it, Swarm keeps retrying replicas on a host without images, and removes networks that they share with
 * other containers.
 */
export const HAS_IMAGES = `node.labels.${IMAGES_LABEL}==ready`;

/** A node reports every 5 s, and is down after 15 s without a report. */
const NOTICED_SECONDS = 30;
/** Time for the election of a leader, and for a node to report to it. In seconds. */
const ROLE_SECONDS = 45;
const ROLE_FORMAT = "{{if .ManagerStatus}}{{.ManagerStatus.Reachability}}{{else}}worker{{end}}";

/** `<id> <mesh address> <seconds since 1970> <state> <worker, reachable or unreachable> <identity or -> <lead or ->` of a node. */
export const NODE_FORMAT = `{{.ID}} {{if .ManagerStatus}}{{.ManagerStatus.Addr}}{{else}}{{.Status.Addr}}{{end}} {{.CreatedAt.Unix}} {{.Status.State}} ${ROLE_FORMAT} {{or (index .Spec.Labels "${IDENTITY_LABEL}") "-"}} {{if index .Spec.Labels "${LEAD_LABEL}"}}lead{{else}}-{{end}}`;

const NODES = `${SWARM_CALL}
nodes() { swarm node inspect --format '${NODE_FORMAT}' $(swarm node ls --quiet) | sed 's/:${PORT} / /'; }`;

const joinFlags = (meshIp: string) => `--advertise-addr ${meshIp} --data-path-addr ${meshIp} --listen-addr ${meshIp}:${PORT}`;

const STATE = `state=$(docker info --format '{{.Swarm.LocalNodeState}}')
[ "$state" != error ] || { systemctl restart docker.service; state=$(docker info --format '{{.Swarm.LocalNodeState}}'); }
# Docker was seen to keep the gossip port of a swarm that it had left. In the next swarm, its containers would then find none on other hosts.
release_port() { if ss -Hlnt "sport = :${GOSSIP_PORT}" | grep -q .; then systemctl restart docker.service </dev/null; fi; }
root_certificate() { sha256sum <"$(docker info --format '{{.DockerRootDir}}')/swarm/certificates/swarm-root-ca.crt" | cut -d ' ' -f 1; }`;

/** Removes a node that is permanently gone; a manager has to be demoted first. */
const REMOVE_NODE = `remove_node() {
  docker node demote "$1" >/dev/null 2>&1 || true
  for attempt in $(seq 20); do
    if docker node rm --force "$1" >&2; then return; fi
    [ "$attempt" -lt 20 ] || fail "The swarm's node $1 ($2) is gone, but cannot be removed."
    sleep 1
  done
}`;

/**
 * On the lead: creates the swarm if it does not exist, and labels the host as its lead. Removes nodes of hosts that were reinstalled after they joined.
 *
 * Prints one line, `{"manager": …, "worker": …, "root": …}`: the tokens to join with, and a hash of the swarm's root certificate.
 *
 * @param joins a line for each join script: if one runs again, this script prints valid tokens.
 */
export function swarmLeadScript({ name, meshIp }: SwarmHost, hosts: readonly IdentifiedHost[], joins: readonly string[]): HostScript {
  const installed = hosts.map((host) => `${host.meshIp} ${host.identity}`).join("\n");
  return {
    timeoutSeconds: 120,
    after: `# Joins: ${joins.join(", ")}
host=${shellWord(name)}
${STATE}
${NODES}
${REMOVE_NODE}
case $state in
  inactive)
    release_port
    docker swarm init ${joinFlags(meshIp)} --default-addr-pool ${OVERLAY_RANGE} --default-addr-pool-mask-length ${OVERLAY_PREFIX_LENGTH} >&2 ;;
  active) [ "$(docker info --format '{{.Swarm.NodeAddr}}')" = ${meshIp} ] || fail "$host belongs to another swarm. Run 'docker swarm leave' on it if that swarm is no longer needed." ;;
  *) fail "$host: the swarm is in state $state. See: docker info" ;;
esac
nodes | while read -r id address joined node_state role identity lead; do
  if [ "$address" = ${meshIp} ]; then
    [ "$lead" = lead ] || swarm node update --label-add ${LEAD_LABEL}=yes "$id" >&2
  elif [ "$lead" = lead ]; then
    swarm node update --label-rm ${LEAD_LABEL} "$id" >&2
  fi
  [ "$node_state" = down ] && [ "$identity" != - ] || continue
  if grep -q "^$address " <<<${shellWord(installed)} && ! grep -qFx "$address $identity" <<<${shellWord(installed)}; then remove_node "$id" "$address"; fi
done
printf '{"manager":"%s","worker":"%s","root":"%s"}\\n' "$(swarm swarm join-token -q manager)" "$(swarm swarm join-token -q worker)" "$(root_certificate)"`,
  };
}

/** On every host. A host that is still in an earlier, lost swarm of the fleet leaves that swarm. Prints the ID of its node. */
export function swarmJoinScript(
  { name, meshIp }: SwarmHost,
  { token, root, leadMeshIp }: { token: string; root: string; leadMeshIp: string },
): HostScript {
  return {
    timeoutSeconds: 180,
    after: `host=${shellWord(name)}
${STATE}
if [ "$state" != inactive ] && [ "$(root_certificate)" != ${shellWord(root)} ]; then
  docker swarm leave --force >&2
  state=inactive
fi
case $state in
  inactive)
    release_port
    for attempt in $(seq 30); do
      if docker swarm join ${joinFlags(meshIp)} --token ${shellWord(token)} ${leadMeshIp}:${PORT} >&2; then break; fi
      [ "$attempt" -lt 30 ] || fail "$host cannot join the swarm at ${leadMeshIp}:${PORT} over the mesh. See: journalctl -u docker.service"
      sleep 2
    done ;;
  active) ;;
  *) fail "$host: the swarm is in state $state. See: docker info" ;;
esac
docker info --format '{{.Swarm.NodeID}}'`,
    checks: [
      {
        what: "the host's place in the swarm",
        command: "docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.NodeAddr}}'",
        expected: `active ${meshIp}`,
      },
    ],
  };
}

/**
 * On the lead, after all hosts have joined: invalidates the join tokens. Members stay.
 *
 * @param printed by `swarmLeadScript`; other tokens are another script.
 */
export const swarmTokensScript = (printed: string): HostScript => ({
  timeoutSeconds: 120,
  after: `# For ${createHash("sha256").update(printed).digest("hex").slice(0, 16)}
${SWARM_CALL}
for role in worker manager; do
  swarm swarm join-token --rotate --quiet "$role" >/dev/null || fail "The swarm could not replace the join token for $role. See: docker node ls"
done`,
});

/** Runs when a host leaves the fleet. */
export const SWARM_LEAVE = "docker swarm leave --force 2>/dev/null || true";

export interface SwarmRoles {
  /** Hosts that manage the swarm. */
  managers: readonly IdentifiedHost[];
  workers: readonly IdentifiedHost[];
}

/**
 * On the lead, once all have joined: promotes and demotes, labels each node with its host's installation, and removes nodes of no host.
 *
 * Prints one line, a JSON list of mesh addresses: hosts that have not reported to the swarm since they were demoted.
 */
export function swarmRolesScript({ managers, workers }: SwarmRoles): HostScript {
  const lines = (hosts: readonly IdentifiedHost[], role: string) => hosts.map(({ meshIp, identity }) => `${meshIp} ${role} ${identity}`);
  const wanted = [...lines(managers, "manager"), ...lines(workers, "worker")].join("\n");
  return {
    timeoutSeconds: 300,
    after: `${NODES}
${REMOVE_NODE}
# Another leader may be elected: until then the swarm answers nothing.
is_soon() {
  for attempt in $(seq ${ROLE_SECONDS}); do
    if [ "$(timeout 5 docker node inspect "$1" --format '{{.Status.State}} ${ROLE_FORMAT}' 2>/dev/null </dev/null)" = "ready $2" ]; then return; fi
    sleep 1
  done
  return 1
}
silent=$(mktemp)
wanted=${shellWord(wanted)}
role_of() { awk -v address="$1" '$1 == address {print $2}' <<<"$wanted"; }
# Who is gone leaves before who stays is demoted: a swarm of two managers, one of them dead, can lose neither.
for round in promote remove demote; do
  nodes | while read -r id address joined node_state role identity _; do
    case "$round $(role_of "$address") $role $node_state" in
      "promote manager worker ready") swarm node promote "$id" >&2; is_soon "$id" reachable || fail "$address does not become a manager of the swarm. See there: journalctl -u docker.service" ;;
      "remove  "*" down") remove_node "$id" "$address" ;;
      "demote  reachable ready") swarm node demote "$id" >&2 ;;
      "demote worker reachable ready") swarm node demote "$id" >&2; is_soon "$id" worker || printf '"%s"\n' "$address" >>"$silent" ;;
    esac
  done
done
nodes | while read -r id address joined node_state role identity _; do
  current=$(awk -v address="$address" '$1 == address {print $3}' <<<"$wanted")
  if [ "$node_state" = ready ] && [ -n "$current" ] && [ "$current" != "$identity" ]; then swarm node update --label-add "${IDENTITY_LABEL}=$current" "$id" >&2; fi
done
printf '[%s]\n' "$(paste -s -d , "$silent")"
rm -f -- "$silent"`,
  };
}

/**
 * On a manager, once all hosts have pulled all images: allows replicas on these nodes. A host that does not answer keeps its label.
 *
 * @param nodes IDs.
 */
export function nodesWithImagesScript(nodes: readonly string[]): HostScript {
  const each = nodes.map(shellWord).join(" ");
  return {
    timeoutSeconds: 120,
    after: `${SWARM_CALL}
for id in ${each}; do
  swarm node inspect "$id" >/dev/null 2>&1 || continue
  swarm node update --label-add ${IMAGES_LABEL}=ready "$id" >&2
done`,
    checks: [
      {
        what: "the hosts that replicas may run on",
        command: `for id in ${each}; do if label=$(docker node inspect "$id" --format '{{index .Spec.Labels "${IMAGES_LABEL}"}}' 2>/dev/null </dev/null); then echo "\${label:-none}"; fi; done | sort -u`,
        expected: "ready",
      },
    ],
  };
}

/**
 * On a host that is no manager, after roles were assigned. Docker 20.10 sometimes stops reporting to the swarm after its host has led the swarm and
 * was demoted: that Docker is restarted.
 *
 * @param isSilent the swarm has no report of the host.
 */
export const swarmWorkerScript = (isSilent: boolean): HostScript => ({
  timeoutSeconds: 120,
  after: isSilent ? "systemctl restart docker.service </dev/null" : "",
});

/**
 * For a manager: removes the nodes of a host that does not answer, once the swarm lists them as down, and prints a line for each. Fails on a host
 * that is no manager.
 */
export const removeNodeScript = (meshIp: string): string => `set -eu
fail() { printf '%s\\n' "$*" >&2; exit 1; }
docker node ls >/dev/null
${NODES}
${REMOVE_NODE}
of_host() { nodes | awk -v address=${shellWord(meshIp)} '$2 == address {print $1, $4}'; }
for attempt in $(seq ${NOTICED_SECONDS}); do
  of_host | grep -qv ' down$' || break
  sleep 1
done
of_host | while read -r id node_state; do
  if [ "$node_state" = down ]; then remove_node "$id" ${shellWord(meshIp)} </dev/null; echo "$id"; fi
done
`;

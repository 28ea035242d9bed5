/** The facts that are requested from a host before anything is declared. */
import { MESH } from "../mesh.ts";
import { ROLES } from "../roles.ts";
import { DECLARED_LABEL } from "../service-declaration.ts";
import { checkRecordsCommand } from "./record-script.ts";
import { NODE_FORMAT } from "./swarm-script.ts";

/** As `parseFacts` reads it. */
const SERVICE = `service {{.Spec.Name}} {{.Spec.TaskTemplate.ForceUpdate}} {{.Version.Index}} {{or (index .Spec.Labels "${DECLARED_LABEL}") "-"}} {{if .UpdateStatus}}{{.UpdateStatus.State}}{{else}}-{{end}}`;

/** The command that runs the script given on its standard input as root, if the user may become root without a password, or else as the user. */
export const PREFLIGHT_COMMAND = `if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then exec sudo -n sh -s; else exec sh -s; fi`;

/**
 * A shell script that prints one fact per line, `<name> <value>`. It changes nothing, and works on bare hosts and on hosts of the fleet. On a host
 * without a swarm it also prints free disk space and the programs by port; on a host that is not in the fleet also Docker's
 * containers.
 */
export const preflightScript = (): string => `{
${HOST}
${NETWORK}
${checkRecordsCommand()}
${DOCKER}
} </dev/null
`;

const HOST = `echo "user $(id -u)"
echo "login \${SUDO_USER:-$(id -un)}"
. /etc/os-release 2>/dev/null
echo "system \${ID:-unknown} \${VERSION_ID:-0}"
echo "systemName \${PRETTY_NAME:-an unknown system}"
echo "processor $(uname -m)"
[ -s /etc/machine-id ] && echo "machineId $(sha256sum </etc/machine-id | cut -c 1-12)"
[ -d /run/systemd/system ] && echo 'systemd yes'
if [ -c /dev/net/tun ] || modprobe tun 2>/dev/null; then echo 'tun yes'; fi
awk '/^MemTotal:/ {print "memoryMiB " int($2 / 1024)}' /proc/meminfo`;

const NETWORK = `ip -4 -o route show 2>/dev/null | awk '{for (i = 2; i < NF; i++) if ($i == "dev" && $1 ~ /\\//) print "route " $1 " " $(i + 1)}'
if ufw status 2>/dev/null | grep -q '^Status: active'; then echo 'firewall ufw'; fi
if systemctl is-active --quiet firewalld.service 2>/dev/null; then echo 'firewall firewalld'; fi`;

const DOCKER = `swarm=$(docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)
version=$(docker version --format '{{.Server.Version}}' 2>/dev/null)
[ -n "$version" ] && echo "docker $version"
if [ -e /etc/tinc/${MESH}/tinc.conf ]; then
  echo 'member yes'
elif [ -n "$version" ]; then
  [ "$swarm" = active ] && echo 'foreignSwarm yes'
  docker ps --all --format 'foreignContainer {{.Names}}'
fi
if [ "$swarm" = active ]; then
  docker node ls --quiet 2>/dev/null | xargs --no-run-if-empty docker node inspect --format 'node ${NODE_FORMAT}'
  docker service inspect ${ROLES.join(" ")} --format '${SERVICE}' 2>/dev/null
else
  df -Pm / /var/lib/docker 2>/dev/null | awk 'NR > 1 && (least == "" || $4 < least) {least = $4} END {print "freeDiskMiB " least}'
  ss -ltnpH | sed -n 's/^LISTEN *[0-9]* *[0-9]* *[^ ]*:\\([0-9]*\\) .*(("\\([^"]*\\)".*/listens \\1 \\2/p'
fi
echo "clock $(date +%s)"`;

/** What a host is asked before anything is declared. */
import { ROLES } from "../roles.ts";
import { DECLARED_LABEL } from "../service-declaration.ts";

/** As `parseFacts` reads it. */
const SERVICE = `service {{.Spec.Name}} {{.Spec.TaskTemplate.ForceUpdate}} {{.Version.Index}} {{or (index .Spec.Labels "${DECLARED_LABEL}") "-"}} {{if .UpdateStatus}}{{.UpdateStatus.State}}{{else}}-{{end}}`;

/**
 * A shell command that prints one fact a line, `<name> <value>`; it changes nothing, and works on a bare host as on one of the fleet.
 * On a host where no swarm runs it also says how much disk is free and who listens on which port.
 */
export const preflightCommand = (): string => `echo "user $(id -u)"
. /etc/os-release 2>/dev/null
echo "system \${ID:-unknown} \${VERSION_ID:-0}"
echo "systemName \${PRETTY_NAME:-an unknown system}"
echo "processor $(uname -m)"
echo "machineId $(sha256sum </etc/machine-id | cut -c 1-12)"
[ -d /run/systemd/system ] && echo 'systemd yes'
if [ -c /dev/net/tun ] || modprobe tun 2>/dev/null; then echo 'tun yes'; fi
awk '/^MemTotal:/ {print "memoryMiB " int($2 / 1024)}' /proc/meminfo
case $(docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null) in
active) docker service inspect ${ROLES.join(" ")} --format '${SERVICE}' 2>/dev/null ;;
*)
  df -Pm / | awk 'NR == 2 {print "freeDiskMiB " $4}'
  ss -ltnpH | sed -n 's/^LISTEN *[0-9]* *[0-9]* *[^ ]*:\\([0-9]*\\) .*(("\\([^"]*\\)".*/listens \\1 \\2/p' ;;
esac
true`;

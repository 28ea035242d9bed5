/** Joins a bootstrapped host to the mesh, and starts Docker on it. */

import { MESH_PORT, type MeshHost } from "../mesh.ts";
import { type HostFile, type HostScript, shellWord, unitCheck } from "./host-script.ts";
import { CONTAINERS_SERVICE } from "./systemd.ts";

export interface MeshScriptSettings {
  /** The host's name in stack config. */
  name: string;
  mesh: string;
  meshIp: string;
  /** Everything in `/etc/tinc/<mesh>` but the private key. */
  files: HostFile[];
}

/**
 * tinc reloads new members without a restart, so that adding a host interrupts no connection; its other settings need a restart.
 * Docker starts once the mesh address is up.
 */
export function meshScript({ name, mesh, meshIp, files }: MeshScriptSettings): HostScript {
  const unit = `tinc@${mesh}.service`;
  const restarting = files.filter(({ path }) => /\/tinc-(up|down)$/.test(path)).map(({ path }) => `changed ${path}`);
  return {
    timeoutSeconds: 180,
    before: `folder=/etc/tinc/${mesh}
settings() { grep -v '^ConnectTo' "$folder/tinc.conf" || true; }
earlier=$(settings)`,
    files,
    after: `host=${shellWord(name)}
for file in "$folder"/hosts/*; do
  case " ${files.map(({ path }) => path).join(" ")} " in *" $file "*) ;; *) rm -f -- "$file" ;; esac
done
systemctl enable --quiet ${unit}
if ${restarting.join(" || ")} || [ "$(settings)" != "$earlier" ] || ! systemctl is-active --quiet ${unit} || ! ip -brief address show to ${meshIp} | grep -q .; then
  systemctl restart ${unit}
else
  systemctl reload ${unit}
fi
for attempt in $(seq 60); do
  if ip -brief address show to ${meshIp} | grep -q .; then break; fi
  [ "$attempt" -lt 60 ] || fail "$host: tinc runs, but the mesh address ${meshIp} did not come up within 30 s. See: journalctl -u ${unit}"
  sleep 0.5
done
systemctl unmask --quiet docker.service docker.socket
systemctl enable --quiet docker.service ${CONTAINERS_SERVICE}
systemctl start docker.service </dev/null
# Containers may have to wait for the swarm, which may have to wait for this mesh.
systemctl start --no-block ${CONTAINERS_SERVICE}
for attempt in $(seq 60); do
  if docker version >/dev/null 2>&1; then break; fi
  [ "$attempt" -lt 60 ] || fail "$host: Docker did not answer within 60 s. See: journalctl -u docker.service"
  sleep 1
done`,
    checks: [
      unitCheck(unit),
      { what: `the mesh address ${meshIp}`, command: `ip -brief address show to ${meshIp} | sed 's/.*/there/'`, expected: "there" },
      unitCheck("docker.service"),
      unitCheck(CONTAINERS_SERVICE),
    ],
  };
}

/** In seconds; tinc retries after 2 s. */
const PEER_SECONDS = 45;

/** After an interruption of the mesh or Docker, managers vote again, and a host reports to the new leader after at most 8 s. In seconds. */
const SWARM_SECONDS = 60;

/**
 * Checks that a host reaches each of the others through the mesh, all at once; names the unreachable ones. Then, on a manager, waits until the
 * swarm lists it as ready: before that, no container there can join a network of the swarm. Then starts containers that could not
 * start.
 *
 * @param occasion another text repeats the check.
 */
export function meshCheckScript(self: MeshHost, others: readonly MeshHost[], occasion: string): HostScript {
  const checks = others
    .filter(({ name }) => name !== self.name)
    .map(({ name, meshIp, address }) => `reach ${[name, meshIp, address].map(shellWord).join(" ")} &`);
  return {
    timeoutSeconds: PEER_SECONDS + SWARM_SECONDS + 30,
    after: `# occasion ${occasion}
missing=$(mktemp)
reach() {
  local deadline=$((SECONDS + ${PEER_SECONDS}))
  until ping -q -c 1 -W 1 "$2" </dev/null >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ]; then echo "$1 ($3)" >>"$missing"; return; fi
    sleep 0.2
  done
}
${checks.join("\n")}
wait
unreached=$(sort "$missing" | paste -s -d , | sed 's/,/, /g')
rm -f -- "$missing"
[ -z "$unreached" ] || fail ${shellWord(self.name)}" (${self.address}) does not reach $unreached through the mesh: ${MESH_PORT} tcp and udp must be open between them. Check the provider's firewall, and the hosts' own rules"
if [ "$(docker info --format '{{.Swarm.ControlAvailable}}' 2>/dev/null </dev/null)" = true ]; then
  deadline=$((SECONDS + ${SWARM_SECONDS}))
  until [ "$(timeout 5 docker node inspect self --format '{{.Status.State}}' 2>/dev/null </dev/null)" = ready ] || [ "$SECONDS" -ge "$deadline" ]; do sleep 0.5; done
  # Its unit tries again by itself.
  systemctl start ${CONTAINERS_SERVICE} </dev/null || true
fi`,
  };
}

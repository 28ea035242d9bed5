/** What joins a bootstrapped host to the mesh, and starts Docker on it. */

import { type HostFile, type HostScript, shellWord } from "./host-script.ts";
import { CONTAINERS_SERVICE } from "./systemd.ts";

export interface MeshScriptSettings {
  /** The host's name in stack config. */
  name: string;
  mesh: string;
  meshIp: string;
  /** Everything in `/etc/tinc/<mesh>` but the private key. */
  files: HostFile[];
}

/** tinc is told of changes without being restarted, so that adding a host cuts nobody off; Docker starts once the mesh address is there. */
export function meshScript({ name, mesh, meshIp, files }: MeshScriptSettings): HostScript {
  const unit = `tinc@${mesh}.service`;
  const restarting = files.filter(({ path }) => /\/(tinc\.conf|tinc-up|tinc-down)$/.test(path)).map(({ path }) => path);
  return {
    timeoutSeconds: 180,
    files,
    after: `host=${shellWord(name)}
folder=/etc/tinc/${mesh}
for file in "$folder"/hosts/*; do
  case " ${files.map(({ path }) => path).join(" ")} " in *" $file "*) ;; *) rm -f -- "$file" ;; esac
done
systemctl enable --quiet ${unit}
if ${restarting.map((path) => `changed ${path}`).join(" || ") || "false"} || ! systemctl is-active --quiet ${unit}; then
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
systemctl start docker.service ${CONTAINERS_SERVICE} </dev/null
for attempt in $(seq 60); do
  if docker version >/dev/null 2>&1; then break; fi
  [ "$attempt" -lt 60 ] || fail "$host: Docker did not answer within 60 s. See: journalctl -u docker.service"
  sleep 1
done`,
  };
}

/** Settings of a worker host's balancer and edge: checked by the programs themselves, then loaded without a gap. */
import { renderBalancerReload } from "./balancer-script.ts";
import { type HostScript, shellWord } from "./host-script.ts";

const SETTINGS = "/etc/orbweaver";

export interface Front {
  /** Also the container's name, after `orbweaver-`. */
  name: "balancer" | "edge";
  /** Its settings file in the container; on the host it has the same path. */
  file: string;
}

/**
 * The folder that a front writes to, in its container: memory. A folder that images do not have would lose its rights when the container restarts
 * (runc gives a tmpfs the rights of the folder below it).
 */
export const FRONT_RUN_DIRECTORY = "/tmp";

const folder = (name: Front["name"]) => `${SETTINGS}/${name}`;
export const BALANCER: Front = { name: "balancer", file: `${folder("balancer")}/haproxy.cfg` };
export const EDGE: Front = { name: "edge", file: `${folder("edge")}/nginx.conf` };
/** nginx's certificate files, below its settings folder, which the container has. */
export const TLS_FOLDER = `${folder("edge")}/tls`;
export const frontFolder = ({ name }: Front) => folder(name);

/** Writes the settings; a running container loads them, and keeps the old ones if it refuses the new ones. */
export function frontScript(front: Front, content: string): HostScript {
  const container = `orbweaver-${front.name}`;
  const candidate = `${front.file}.candidate`;
  return {
    timeoutSeconds: 120,
    before: `install -d -m 700 ${SETTINGS}`,
    files: [{ path: candidate, content, mode: "644" }],
    madeFiles: [front.file],
    after: `if [ "$(docker container inspect --format '{{.State.Status}}' ${container} 2>/dev/null)" = running ]; then
  docker exec ${container} ${check(front, candidate)} </dev/null >&2 || fail "${front.name} refuses the new settings; its message is above. The old settings stay."
fi
if ! cmp -s ${candidate} ${front.file}; then
  cp ${candidate} ${front.file}.new && mv ${front.file}.new ${front.file}
  if [ "$(docker container inspect --format '{{.State.Status}}' ${container} 2>/dev/null)" = running ]; then
    docker exec ${container} sh -c ${shellWord(reload(front))} </dev/null >&2
  fi
fi`,
  };
}

const check = ({ name }: Front, candidate: string) =>
  name === "balancer" ? `haproxy -c -q -f ${candidate}` : `nginx -e stderr -t -q -c ${candidate}`;

const reload = ({ name, file }: Front) =>
  name === "balancer"
    ? renderBalancerReload({ configuration: file, runDirectory: FRONT_RUN_DIRECTORY })
    : `nginx -e stderr -c ${file} -s reload`;

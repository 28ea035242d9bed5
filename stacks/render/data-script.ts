/** Prepares the data host for Postgres, Redis and the registry: their images, settings and folders. */

import { MAX_DATABASE_SESSIONS } from "../config/capacity.ts";
import { type HostFile, type HostScript, shellWord } from "./host-script.ts";
import { renderPgHba } from "./postgres.ts";
import { PULL_FUNCTIONS } from "./pull-functions.ts";

/** Survives every `up`, and every `destroy` without `--delete-data`. */
export const DATA = "/data/orbweaver";
/** For root only; each container sees its own folder of it. */
const SETTINGS = "/etc/orbweaver";

export const DATA_SERVICES = ["postgres", "redis", "registry"] as const;
export type DataService = (typeof DATA_SERVICES)[number];

/** On the data host, and in the container. */
export const dataFolder = (service: DataService) => ({ host: `${DATA}/${service}`, container: `/var/lib/orbweaver` });
export const settingsFolder = (service: DataService) => ({ host: `${SETTINGS}/${service}`, container: SETTINGS });

export interface DataScriptSettings {
  images: Record<DataService, string>;
  /** The day on which they are pulled again, once; undefined: uses the host's images. */
  imagesOf?: string | undefined;
  redisConf: string;
  redisAcl: string;
}

/** The user of each image that owns its data. */
const OWNERS: Record<DataService, string> = { postgres: "postgres", redis: "redis", registry: "nobody" };

/** Prints one line: a JSON object with the id of each service's image on this host. */
export function dataScript({ images, imagesOf, redisConf, redisAcl }: DataScriptSettings): HostScript {
  const files: HostFile[] = [
    { path: `${settingsFolder("postgres").host}/start`, content: POSTGRES_START, mode: "755" },
    { path: `${settingsFolder("postgres").host}/pg_hba.conf`, content: renderPgHba(), mode: "644" },
    { path: `${settingsFolder("redis").host}/redis.conf`, content: redisConf, mode: "644" },
    { path: `${settingsFolder("redis").host}/users.acl`, content: redisAcl, mode: "644" },
  ];
  return {
    timeoutSeconds: 900,
    before: `install -d -m 700 ${SETTINGS} ${DATA}`,
    files,
    after: [
      `ids=
${PULL_FUNCTIONS}
prepare() {
${keepImage(imagesOf)}
  have "$2"
  local owner
  owner=$(docker run --rm --network none --entrypoint id "$2" -u "$3" </dev/null)
  mkdir -p "${DATA}/$1" && chmod 700 "${DATA}/$1"
  [ "$(stat -c %u "${DATA}/$1")" = "$owner" ] || chown "$owner:$owner" "${DATA}/$1"
  ids+=",\\"$1\\":\\"$(docker image inspect --format '{{.Id}}' "$2")\\""
}`,
      ...DATA_SERVICES.map((service) => `prepare ${service} ${shellWord(images[service])} ${OWNERS[service]}`),
      `printf '{%s}\\n' "\${ids#,}"`,
    ].join("\n"),
  };
}

/** The image of a day has its own tag: its project may move the original tag, and nothing changes until another day. */
function keepImage(imagesOf: string | undefined): string {
  if (imagesOf === undefined) return "";
  return `  local kept=orbweaver/$1:${imagesOf}
  if ! has "$kept"; then
    renew "$2"
    docker tag "$2" "$kept"
    docker image ls --format '{{.Repository}}:{{.Tag}}' "orbweaver/$1" | grep -vxF "$kept" | xargs --no-run-if-empty docker image rm >/dev/null 2>&1 || true
  fi
  set -- "$1" "$kept" "$3"`;
}

/** Works with any image that has Postgres at Debian's or its own project's path. The superuser logs in only from inside the container. */
const POSTGRES_START = `#!/bin/sh
set -eu
for folder in /usr/lib/postgresql/*/bin; do PATH=$folder:$PATH; done
data=${dataFolder("postgres").container}/cluster
if [ ! -s "$data/PG_VERSION" ]; then
  rm -rf -- "$data.new"
  initdb --pgdata "$data.new" --username postgres --encoding UTF8 --locale C.UTF-8 --auth reject --data-checksums
  mv -- "$data.new" "$data"
fi
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp -c hba_file=${settingsFolder("postgres").container}/pg_hba.conf \\
  -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3 \\
  -c password_encryption=scram-sha-256 -c shared_buffers=128MB -c max_connections=${MAX_DATABASE_SESSIONS} -c wal_compression=on -c log_destination=stderr
`;

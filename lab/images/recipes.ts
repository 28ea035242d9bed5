/**
 * The images of the lab. Those of backing services take the environment variables, paths and users of the official images of the same name,
 * as far as the stacks use them, so that a stack runs unchanged.
 */
import { PACKAGE_SETS } from "./packages.ts";

export interface Recipe {
  /** Another recipe, which comes first; `debian` if there is none. */
  from?: string;
  packages: readonly string[];
  /** Shell, after the packages are there. `/files` has what `files` names. */
  setup?: string;
  /** Instructions of a Dockerfile for `docker commit --change`. */
  changes?: readonly string[];
  /** What ends a container of it; SIGTERM by default. */
  stopSignal?: `SIG${string}`;
  /** Where to find `/files`: the role images' packages from npm. */
  files?: "node-modules";
}

const set = (name: string) => PACKAGE_SETS[name] ?? [];
const script = (path: string, text: string) => `cat >${path} <<'END_OF_SCRIPT'\n${text}\nEND_OF_SCRIPT\nchmod 755 ${path}`;

/** Makes the database once, then runs the server as its user; a server that is told another command runs that. */
const POSTGRES_ENTRYPOINT = `#!/bin/sh
set -eu
[ "$1" = postgres ] || [ "\${1#-}" != "$1" ] || exec "$@"
[ "$1" = postgres ] || set -- postgres "$@"
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres "$PGDATA" /var/run/postgresql
  exec gosu postgres "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "\${POSTGRES_USER:=postgres}" "\${POSTGRES_DB:=$POSTGRES_USER}"
  [ -z "\${POSTGRES_PASSWORD_FILE:-}" ] || POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
  : "\${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE}"
  chmod 700 "$PGDATA"
  password=$(mktemp)
  printf '%s\\n' "$POSTGRES_PASSWORD" >"$password"
  eval "initdb --username=\\"\\$POSTGRES_USER\\" --pwfile=\\"\\$password\\" --encoding=UTF8 --auth-local=trust --auth-host=scram-sha-256 \${POSTGRES_INITDB_ARGS:-}"
  rm -f "$password"
  printf 'host all all all scram-sha-256\\n' >>"$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  export PGUSER=$POSTGRES_USER PGHOST=/var/run/postgresql
  [ "$POSTGRES_DB" = postgres ] || createdb "$POSTGRES_DB"
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) sh "$file" ;;
      *.sql) psql -v ON_ERROR_STOP=1 --no-password --dbname "$POSTGRES_DB" -f "$file" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGUSER PGHOST POSTGRES_PASSWORD
fi
exec "$@"`;

const REDIS_ENTRYPOINT = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ] || [ "\${1%.conf}" != "$1" ]; then set -- redis-server "$@"; fi
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis {} +
  exec gosu redis "$@"
fi
exec "$@"`;

const REGISTRY_ENTRYPOINT = `#!/bin/sh
set -e
case "$1" in *.yaml | *.yml) set -- registry serve "$@" ;; serve | garbage-collect | help | -*) set -- registry "$@" ;; esac
exec "$@"`;
const REGISTRY_CONFIG = `version: 0.1
storage:
  filesystem:
    rootdirectory: /var/lib/registry
  delete:
    enabled: true
http:
  addr: :5000`;

const HAPROXY_ENTRYPOINT = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ]; then set -- haproxy "$@"; fi
if [ "$1" = haproxy ]; then shift; set -- haproxy -W -db "$@"; fi
exec "$@"`;

/** In an order in which each comes after the one it builds on. */
export const RECIPES: Record<string, Recipe> = {
  /** Started as `/sbin/init`; sshd lets root in by key alone. */
  host: {
    packages: set("host"),
    setup: `rm -f /etc/ssh/ssh_host_* /etc/machine-id
: >/etc/machine-id
systemctl mask --quiet systemd-logind.service getty.target console-getty.service systemd-udevd.service systemd-udev-trigger.service
systemctl enable --quiet ssh.service`,
    stopSignal: "SIGRTMIN+3",
  },
  base: {
    packages: set("base"),
    files: "node-modules",
    setup: "cp -a /files/. /app/\nln -s /app/node_modules/node-linux-*/bin/node /usr/local/bin/node",
    changes: ["WORKDIR /app"],
  },
  chromium: { from: "base", packages: set("chromium"), changes: ["WORKDIR /app"] },
  postgres: {
    packages: set("postgres"),
    setup: `rm -rf /var/lib/postgresql/*
mkdir -p /docker-entrypoint-initdb.d /var/lib/postgresql/data /var/run/postgresql
chown -R postgres /var/lib/postgresql /var/run/postgresql
${script("/usr/local/bin/docker-entrypoint.sh", POSTGRES_ENTRYPOINT)}`,
    changes: [
      "ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/data LANG=C.UTF-8",
      "VOLUME /var/lib/postgresql/data",
      'ENTRYPOINT ["docker-entrypoint.sh"]',
      'CMD ["postgres"]',
    ],
    stopSignal: "SIGINT",
  },
  redis: {
    packages: set("redis"),
    setup: `mkdir -p /data\nchown redis:redis /data\n${script("/usr/local/bin/docker-entrypoint.sh", REDIS_ENTRYPOINT)}`,
    changes: ["VOLUME /data", "WORKDIR /data", 'ENTRYPOINT ["docker-entrypoint.sh"]', 'CMD ["redis-server", "--protected-mode", "no"]'],
  },
  registry: {
    packages: set("registry"),
    setup: `ln -sf /usr/bin/docker-registry /usr/local/bin/registry
mkdir -p /etc/docker/registry /var/lib/registry
cat >/etc/docker/registry/config.yml <<'END_OF_CONFIG'
${REGISTRY_CONFIG}
END_OF_CONFIG
${script("/entrypoint.sh", REGISTRY_ENTRYPOINT)}`,
    changes: ["VOLUME /var/lib/registry", 'ENTRYPOINT ["/entrypoint.sh"]', 'CMD ["/etc/docker/registry/config.yml"]'],
  },
  haproxy: {
    packages: set("haproxy"),
    setup: `mkdir -p /usr/local/etc/haproxy /var/lib/haproxy\n${script("/usr/local/bin/docker-entrypoint.sh", HAPROXY_ENTRYPOINT)}`,
    changes: [
      "USER haproxy",
      "WORKDIR /var/lib/haproxy",
      'ENTRYPOINT ["docker-entrypoint.sh"]',
      'CMD ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]',
    ],
    stopSignal: "SIGUSR1",
  },
  nginx: {
    packages: set("nginx"),
    setup: `rm -f /etc/nginx/sites-enabled/default /etc/nginx/modules-enabled/*
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log`,
    changes: ['CMD ["nginx", "-g", "daemon off;"]'],
    stopSignal: "SIGQUIT",
  },
};

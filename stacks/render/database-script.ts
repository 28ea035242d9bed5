/** Sets up Postgres with its database, logins, newest schema and rights, and Redis with its functions. */
import type { Passwords } from "../config/passwords.ts";
import { type HostScript, shellWord } from "./host-script.ts";
import { DATABASE, grantsSql, loginsSql } from "./postgres.ts";

export interface DatabaseScriptSettings {
  passwords: Pick<Passwords, "database" | "queue">;
  /** The scheduler's image: it contains the migrations and the functions. */
  image: string;
  /** The overlay networks that Postgres and Redis are in. */
  networks: { store: string; queue: string };
}

/** Runs at every deployment, before any role is updated. */
export function databaseScript({ passwords, image, networks }: DatabaseScriptSettings): HostScript {
  const { database, queue } = passwords;
  const databaseUrl = `postgres://owner:${database.owner}@postgres:5432/${DATABASE}`;
  const redisUrl = `redis://operator:${queue.operator}@redis:6379`;
  return {
    timeoutSeconds: 600,
    after: [
      `sql() { docker exec -i -u postgres orbweaver-postgres psql -X -q -v ON_ERROR_STOP=1 -h /tmp -U postgres -d "$1" >&2; }`,
      // The URL comes on standard input, so that no list of processes or containers shows the password.
      `run() { docker run --rm -i --network "$1" --read-only --cap-drop ALL --memory 256m ${shellWord(image)} bash -c "$2=\\$(cat) exec node $3" >&2; }`,
      heredoc(
        "sql postgres",
        `select 'create database ${DATABASE}' where not exists (select from pg_database where datname = '${DATABASE}') \\gexec\n`,
      ),
      heredoc(`sql ${DATABASE}`, loginsSql(database)),
      `printf '%s' ${shellWord(databaseUrl)} | run ${shellWord(networks.store)} ORB_DATABASE_URL services/core/store/migrate-main.ts`,
      heredoc(`sql ${DATABASE}`, `set role owner;\n${grantsSql()}`),
      `printf '%s' ${shellWord(redisUrl)} | run ${shellWord(networks.queue)} ORB_REDIS_URL services/core/queue/load-main.ts`,
    ].join("\n"),
  };
}

const END = "ORBWEAVER_END_OF_SQL";
const heredoc = (command: string, text: string) => `${command} <<'${END}'\n${text}${END}`;

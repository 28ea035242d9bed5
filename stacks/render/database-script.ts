/** What gives Postgres its database, its logins, the newest schema, and each login its rights. */
import type { Passwords } from "../config/passwords.ts";
import { type HostScript, shellWord } from "./host-script.ts";
import { DATABASE, grantsSql, loginsSql } from "./postgres.ts";

export interface DatabaseScriptSettings {
  passwords: Passwords["database"];
  /** The scheduler's: it carries the migrations. */
  image: string;
  /** The overlay network that Postgres is in. */
  network: string;
}

/** Runs at every deployment, before any role is updated. */
export function databaseScript({ passwords, image, network }: DatabaseScriptSettings): HostScript {
  const url = `postgres://owner:${passwords.owner}@postgres:5432/${DATABASE}`;
  return {
    timeoutSeconds: 600,
    after: [
      `sql() { docker exec -i -u postgres orbweaver-postgres psql -X -q -v ON_ERROR_STOP=1 -h /tmp -U postgres -d "$1" >&2; }`,
      heredoc(
        "sql postgres",
        `select 'create database ${DATABASE}' where not exists (select from pg_database where datname = '${DATABASE}') \\gexec\n`,
      ),
      heredoc(`sql ${DATABASE}`, loginsSql(passwords)),
      `printf '%s' ${shellWord(url)} | docker run --rm -i --network ${shellWord(network)} --read-only --cap-drop ALL --memory 256m ${shellWord(image)} \\
  bash -c 'ORB_DATABASE_URL=$(cat) exec node services/core/store/migrate-main.ts' >&2`,
      heredoc(`sql ${DATABASE}`, `set role owner;\n${grantsSql()}`),
    ].join("\n"),
  };
}

const END = "ORBWEAVER_END_OF_SQL";
const heredoc = (command: string, text: string) => `${command} <<'${END}'\n${text}${END}`;

/** Logins of Postgres and what each may do. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import type { DatabaseLogin, Passwords } from "../config/passwords.ts";
import { DATABASE_LOGINS } from "../config/passwords.ts";
import { mustMatch } from "./refuse.ts";

export const DATABASE = "orbweaver";
/** Postgres' `max_connections`. */
export const MAX_DATABASE_SESSIONS = 200;

/** A name in SQL; a login's hyphen needs the quotes. */
const identifier = (name: string) => `"${mustMatch("name", name, /^[a-z][a-z0-9_-]{0,62}$/)}"`;

/**
 * SQL that makes every login, or gives it its password anew: run by the superuser at every deployment. Passwords stand in it as SCRAM
 * verifiers, so that neither a log nor a dump holds them.
 */
export function loginsSql(passwords: Passwords["database"]): string {
  const logins = DATABASE_LOGINS.map((login) => {
    const verifier = scramVerifier(passwords[login], saltOf(passwords[login], login));
    return `do $$ begin
  if not exists (select from pg_roles where rolname = '${login}') then create role ${identifier(login)}; end if;
end $$;
alter role ${identifier(login)} with login nosuperuser nocreatedb nocreaterole noreplication password '${verifier}';
grant connect on database ${DATABASE} to ${identifier(login)};
grant usage on schema public to ${identifier(login)};`;
  });
  return `begin;
revoke all on database ${DATABASE} from public;
revoke all on schema public from public;
${logins.join("\n")}
grant create on schema public to ${identifier("owner")};
commit;
`;
}

/** What each role reads and writes: its statements in services/core/store. */
const GRANTS: Record<Exclude<DatabaseLogin, "owner">, string[]> = {
  scheduler: ["select, insert, update, delete on all tables", "usage, select on all sequences"],
  "result-worker": [
    "select on table migrations",
    "select, update on table tasks",
    "select, insert, update, delete on table results",
    "select, insert on table dead_letters",
    "usage on sequence result_order",
  ],
  webui: [
    "select on table migrations, tasks, results, counters, project_totals, scheduler_lease, dead_letters",
    "select, insert, update, delete on table projects",
    "insert on table inbox",
  ],
};

/** SQL that gives each login its rights and takes all others: run by the owner once the tables are there, and after every change of them. */
export function grantsSql(): string {
  const statements = Object.entries(GRANTS).flatMap(([login, rights]) => [
    `revoke all on all tables in schema public from ${identifier(login)};`,
    `revoke all on all sequences in schema public from ${identifier(login)};`,
    ...rights.map((right) => `grant ${right}${/ all (tables|sequences)$/.test(right) ? " in schema public" : ""} to ${identifier(login)};`),
  ]);
  return `begin;\n${statements.join("\n")}\ncommit;\n`;
}

const ITERATIONS = 4_096;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** A password as Postgres stores it (RFC 5803). */
export function scramVerifier(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, "sha256");
  const key = (name: string) => createHmac("sha256", salted).update(name).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${stored}:${key("Server Key").toString("base64")}`;
}

/** From the password itself, so that the same secret gives the same SQL. */
const saltOf = (password: string, login: string) => createHmac("sha256", password).update(login).digest().subarray(0, SALT_BYTES);

/** `pg_hba.conf`: passwords for everybody but the superuser on the server's own socket. */
export const renderPgHba = (): string => `local all postgres peer
local all all scram-sha-256
host all postgres all reject
host ${DATABASE} ${DATABASE_LOGINS.map((login) => `"${login}"`).join(",")} all scram-sha-256
`;

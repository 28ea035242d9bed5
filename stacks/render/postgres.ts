/** Logins of Postgres and their rights. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import type { Passwords } from "../config/passwords.ts";
import { DATABASE_LOGINS } from "../config/passwords.ts";
import { DATABASE_RIGHTS, PRIVILEGES, SESSION_LIMITS, type StoreLogin, type TableRights } from "./postgres-rights.ts";
import { mustMatch } from "./refuse.ts";

export const DATABASE = "orbweaver";
/** A name in SQL; a login's hyphen needs the quotes. */
const identifier = (name: string) => `"${mustMatch("name", name, /^[a-z][a-z0-9_-]{0,62}$/)}"`;

/**
 * SQL that creates every login, or sets its password again: run by the superuser at every deployment. Passwords are SCRAM verifiers, so that
 * neither a log nor a dump contains them.
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
${limitsSql()}grant create on schema public to ${identifier("owner")};
commit;
`;
}

const STORE_LOGINS = Object.keys(DATABASE_RIGHTS) as StoreLogin[];

/** SQL for the superuser: the session limit and time limits of each login. */
function limitsSql(): string {
  return STORE_LOGINS.map((login) => {
    const { sessions, statementMs, lockMs, idleTransactionMs } = SESSION_LIMITS[login];
    const role = `alter role ${identifier(login)}`;
    return `${role} connection limit ${sessions};
${role} set statement_timeout = ${statementMs};
${role} set lock_timeout = ${lockMs};
${role} set idle_in_transaction_session_timeout = ${idleTransactionMs};
`;
  }).join("");
}

/** SQL that gives each login its rights and revokes all others: run by the owner once the tables exist, and after every change of them. */
export function grantsSql(): string {
  const statements = STORE_LOGINS.flatMap((login) => {
    const { tables, sequences, functions } = DATABASE_RIGHTS[login];
    const to = `to ${identifier(login)};`;
    return [
      ...["tables", "sequences", "functions"].map((kind) => `revoke all on all ${kind} in schema public from ${identifier(login)};`),
      ...Object.entries(tables).map(([table, rights]) => `grant ${privilegesOf(rights)} on table ${table} ${to}`),
      ...sequences.map((sequence) => `grant usage on sequence ${sequence} ${to}`),
      ...functions.map((name) => `grant execute on function ${name} ${to}`),
    ];
  });
  return `begin;\n${statements.join("\n")}\ncommit;\n`;
}

const privilegesOf = (rights: TableRights) =>
  PRIVILEGES.flatMap((privilege) => {
    const columns = rights[privilege];
    if (!columns) return [];
    return columns === true ? [privilege] : [`${privilege} (${columns.map(identifier).join(", ")})`];
  }).join(", ");

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

/** Derived from the password, so that the same secret gives the same SQL. */
const saltOf = (password: string, login: string) => createHmac("sha256", password).update(login).digest().subarray(0, SALT_BYTES);

/** `pg_hba.conf`: passwords for all users but the superuser on the server's own socket. */
export const renderPgHba = (): string => `local all postgres peer
local all all scram-sha-256
host all postgres all reject
host ${DATABASE} ${DATABASE_LOGINS.map((login) => `"${login}"`).join(",")} all scram-sha-256
`;

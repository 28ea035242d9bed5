import { hkdfSync } from "node:crypto";

/** The logins of Postgres: the owner of the tables, who may change them, and each role that stores data. */
export const DATABASE_LOGINS = ["owner", "scheduler", "result-worker", "webui"] as const;
/** The logins of Redis: the operator's commands, and each role with work in queues. */
export const QUEUE_LOGINS = ["operator", "scheduler", "fetcher", "processor", "result-worker", "webui"] as const;

export type DatabaseLogin = (typeof DATABASE_LOGINS)[number];
export type QueueLogin = (typeof QUEUE_LOGINS)[number];

export interface Passwords {
  database: Record<DatabaseLogin, string>;
  queue: Record<QueueLogin, string>;
  /** Grants access to the web UI and its API. */
  adminToken: string;
  /** Encrypts the private keys of certificates. */
  certificate: string;
}

const PASSWORD_BYTES = 32;

/**
 * Every password of the fleet, derived from the one secret of its stack config (HKDF with SHA-256, RFC 5869). None reveals another, and a new
 * secret changes them all. Each has 43 characters: letters, digits, `-` and `_`, so that they need no quoting.
 */
export function derivePasswords(secret: string): Passwords {
  const derive = (purpose: string) => Buffer.from(hkdfSync("sha256", secret, "orbweaver", purpose, PASSWORD_BYTES)).toString("base64url");
  const each = <Name extends string>(kind: string, names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, derive(`${kind} ${name}`)])) as Record<Name, string>;
  return {
    database: each("database", DATABASE_LOGINS),
    queue: each("queue", QUEUE_LOGINS),
    adminToken: derive("admin token"),
    certificate: derive("certificate passphrase"),
  };
}

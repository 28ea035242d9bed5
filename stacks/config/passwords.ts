import { hkdfSync } from "node:crypto";

/** Who logs in to Postgres: the owner of the tables, who may change them, and each role that stores something. */
export const DATABASE_LOGINS = ["owner", "scheduler", "result-worker", "webui"] as const;
/** Who logs in to Redis: the operator's commands, and each role that works. */
export const QUEUE_LOGINS = ["operator", "scheduler", "fetcher", "processor", "result-worker", "webui"] as const;

export type DatabaseLogin = (typeof DATABASE_LOGINS)[number];
export type QueueLogin = (typeof QUEUE_LOGINS)[number];

export interface Passwords {
  database: Record<DatabaseLogin, string>;
  queue: Record<QueueLogin, string>;
  /** Opens the web UI and its API. */
  adminToken: string;
}

const PASSWORD_BYTES = 32;

/**
 * Every password of the fleet from the one secret of its stack config (HKDF with SHA-256, RFC 5869): none tells anything about another, and a
 * new secret changes them all. 43 characters each, letters, digits, `-` and `_`, so that they need no quoting anywhere.
 */
export function derivePasswords(secret: string): Passwords {
  const derive = (purpose: string) => Buffer.from(hkdfSync("sha256", secret, "orbweaver", purpose, PASSWORD_BYTES)).toString("base64url");
  const each = <Name extends string>(kind: string, names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, derive(`${kind} ${name}`)])) as Record<Name, string>;
  return { database: each("database", DATABASE_LOGINS), queue: each("queue", QUEUE_LOGINS), adminToken: derive("admin token") };
}

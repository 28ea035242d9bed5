/** The rights of each login of Postgres: the statements of its role (services/core/store), and no others. */
import { TIME_LIMITS } from "../../services/core/protocol/time-limits.ts";
import { MAX_DATABASE_SESSIONS, MAX_SCHEDULERS, OTHER_SESSIONS, SESSIONS_PER_REPLICA } from "../config/capacity.ts";
import type { DatabaseLogin } from "../config/passwords.ts";
import { SERVER_SLOTS } from "../roles.ts";

export const PRIVILEGES = ["select", "insert", "update", "delete"] as const;
export type Privilege = (typeof PRIVILEGES)[number];
/** On all columns, or on some. A right on columns does not allow `LOCK TABLE`. */
export type TableRights = Partial<Record<Privilege, true | readonly string[]>>;

export interface DatabaseRights {
  tables: Record<string, TableRights>;
  /** Sequences that it may use. */
  sequences: readonly string[];
  functions: readonly string[];
}

/** Limits that Postgres enforces; a session can change its own times, but not the number of sessions. */
export interface SessionLimits {
  sessions: number;
  statementMs: number;
  lockMs: number;
  idleTransactionMs: number;
}

export type StoreLogin = Exclude<DatabaseLogin, "owner">;

const ALL: TableRights = { select: true, insert: true, update: true, delete: true };
const READ: TableRights = { select: true };

export const DATABASE_RIGHTS: Record<StoreLogin, DatabaseRights> = {
  scheduler: {
    tables: {
      migrations: READ,
      projects: { select: true, update: ["info", "info_hash", "last_tick", "owes_finished", "paused_until", "session"], delete: true },
      tasks: ALL,
      results: { select: ["project", "ordinal"], delete: true },
      inbox: { select: true, insert: ["request"], delete: true },
      dead_letters: { select: ["project", "id"], delete: true },
      scheduler_lease: { select: true, update: ["epoch", "holder", "expires"] },
      project_totals: ALL,
      counters: ALL,
      chores: ALL,
      host_lines: ALL,
      rejected_requests: { select: ["id"], insert: true, delete: true },
      kept_pages: { select: true, delete: true },
      certificate: {
        select: true,
        insert: ["domain", "directory", "passphrase_id"],
        update: [
          ...["domain", "directory", "passphrase_id", "account_key", "account_url", "chain", "private_key", "not_after"],
          ...["due", "failures", "problem", "issuer", "issuer_until"],
        ],
      },
      certificate_challenges: ALL,
    },
    sequences: ["attempts", "task_order"],
    functions: [],
  },
  "result-worker": {
    tables: {
      migrations: READ,
      tasks: { select: ["project", "taskid", "attempt", "saved_run"], update: ["saved_run"] },
      // A run with fewer results than the previous one removes the rest: so this login could lock its table.
      results: { select: true, insert: true, update: ["url", "result", "updatetime", "ordinal", "changed"], delete: true },
      dead_letters: {
        select: ["project", "taskid", "attempt"],
        insert: ["project", "taskid", "attempt", "evidence", "time"],
      },
      kept_pages: { select: true, insert: ["project", "taskid", "page", "bytes", "time"], update: ["page", "bytes", "time"] },
    },
    sequences: ["result_order"],
    functions: [],
  },
  webui: {
    tables: {
      ...Object.fromEntries(
        [
          "migrations",
          "tasks",
          "results",
          "counters",
          "project_totals",
          "host_lines",
          "scheduler_lease",
          "dead_letters",
          "rejected_requests",
          "kept_pages",
          "certificate",
          "certificate_challenges",
          "script_versions",
        ].map((table) => [table, READ]),
      ),
      projects: {
        select: true,
        insert: ["name", "rate", "burst"],
        update: [
          "group",
          "status",
          "comments",
          "rate",
          "burst",
          "script",
          "compiled",
          "script_hash",
          "updatetime",
          "keep_pages_mib",
          "keep_pages_days",
        ],
      },
      inbox: { insert: ["request"] },
      ended_sessions: { select: true, insert: ["session", "ended"], update: ["ended"] },
    },
    sequences: [],
    functions: ["remove_project(text)", "forget_ended_sessions(bigint)"],
  },
};

/** Even if a role uses all of its sessions, the others keep enough for one replica and its replacement. */
const ROLE_SESSIONS = MAX_DATABASE_SESSIONS - OTHER_SESSIONS;
const OTHER_ROLES_SESSIONS = 2 * 2 * SESSIONS_PER_REPLICA;

export const SESSION_LIMITS: Record<StoreLogin, SessionLimits> = {
  scheduler: {
    // All of them, and one more during an update.
    sessions: (MAX_SCHEDULERS + 1) * SESSIONS_PER_REPLICA,
    // A new term takes back everything in flight, in a table of millions of tasks that is not cached yet.
    statementMs: 300_000,
    lockMs: 30_000,
    idleTransactionMs: TIME_LIMITS.idleTransactionMs,
  },
  "result-worker": {
    sessions: ROLE_SESSIONS - OTHER_ROLES_SESSIONS,
    // A batch of outcomes takes some ms, of megabytes some seconds.
    statementMs: 60_000,
    lockMs: 30_000,
    idleTransactionMs: TIME_LIMITS.idleTransactionMs,
  },
  webui: {
    sessions: SERVER_SLOTS * SESSIONS_PER_REPLICA,
    statementMs: TIME_LIMITS.webuiStatementMs,
    lockMs: 10_000,
    idleTransactionMs: TIME_LIMITS.idleTransactionMs,
  },
};

/** Whom a Postgres server runs as: it refuses to run as root. */
import { readFileSync, statSync } from "node:fs";
import { EmbeddedDatabaseError } from "./errors.ts";

export interface ServerUser {
  uid: number;
  gid: number;
}

/** Accounts that own no files of users, the better one first. */
const ACCOUNTS = ["postgres", "nobody"];

/**
 * Undefined: the current user. For root: the owner of the database in `directory`; if it does not exist yet, the account `postgres` or `nobody`.
 *
 * @throws EmbeddedDatabaseError if there is no such account.
 */
export function serverUser(directory: string): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(directory, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return owner;
  const account = findAccount(readFileSync("/etc/passwd", "utf8"));
  if (account) return account;
  const cause = new Error(`Postgres does not run as root, and there is no account ${ACCOUNTS.join(" or ")}`);
  throw new EmbeddedDatabaseError(directory, { cause });
}

/** @param accounts text of /etc/passwd */
export function findAccount(accounts: string): ServerUser | undefined {
  for (const name of ACCOUNTS) {
    const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, "m").exec(accounts) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/**
 * The command line that runs `command` as `user`, by util-linux' setpriv. Of root's rights it keeps one, CAP_DAC_OVERRIDE: the data directory and the
 * packages may be below a folder that only root may enter, such as /root.
 */
export function commandAs(user: ServerUser | undefined, command: string[]): string[] {
  if (!user) return command;
  const rights = "-all,+dac_override";
  const sets = ["inh-caps", "ambient-caps", "bounding-set"].map((set) => `--${set}=${rights}`);
  return ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", "--no-new-privs", ...sets, ...command];
}

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DataDirectoryError, DataInUseError, type DataOwner } from "./errors.ts";

/** SQLite's result code for a file that another connection has locked (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;

/** Keeps open databases referenced: if one is garbage collected, SQLite closes its file and the lock is lost. */
const held = new Set<DatabaseSync>();

/** A data directory held by this process alone, until disposed or until the process ends in any way. */
export interface DataLock extends Disposable {
  /** Records for a second opener where this process listens. */
  announce(url: string): void;
}

/**
 * Takes a data directory, and makes it if it is missing (0700).
 *
 * The lock is an operating system's lock on `DIR/lock`, held through an exclusive SQLite transaction: Node has no call for one, and a lock
 * file with a process id in it stays behind after a SIGKILL. `DIR/owner.json` beside it only names the owner for the message.
 *
 * @param command the command that takes the lock, such as `./orb start`.
 * @throws DataInUseError if another process holds it; DataDirectoryError if the directory cannot be used.
 */
export function lockData(directory: string, command: string): DataLock {
  const owner: DataOwner = { pid: process.pid, command, started: new Date().toISOString() };
  const ownerPath = join(directory, "owner.json");
  const writeOwner = () => writeFileSync(ownerPath, `${JSON.stringify(owner)}\n`);
  const database = takeLock(directory, ownerPath);
  held.add(database);
  writeOwner();
  return {
    announce(url) {
      owner.url = url;
      writeOwner();
    },
    [Symbol.dispose]() {
      rmSync(ownerPath, { force: true });
      held.delete(database);
      database.close();
    },
  };
}

function takeLock(directory: string, ownerPath: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(directory, "lock"), { timeout: 0 });
    database.exec("begin exclusive");
    return database;
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw new DataInUseError(directory, readOwner(ownerPath));
    throw new DataDirectoryError(directory, error);
  }
}

function readOwner(path: string): DataOwner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

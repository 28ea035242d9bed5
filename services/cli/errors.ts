import { BadInputError, CrawlerError, type Problem } from "../core/errors.ts";

/** A command line that is refused; its exit code differs from that of other bad input. */
export class UsageError extends BadInputError {
  constructor(command: string | undefined, problems: Problem[]) {
    super(`${command === undefined ? "./orb" : `./orb ${command}`} was not understood`, problems);
  }
}

/** Who holds a data directory, as its owner wrote it down. */
export interface DataOwner {
  pid: number;
  command: string;
  /** ISO 8601, UTC. */
  started: string;
  url?: string;
}

/** Another process works on the same data; two would ruin it. */
export class DataInUseError extends CrawlerError {
  readonly code = "E_DATA_IN_USE";
  readonly retryable = false;

  constructor(directory: string, owner: DataOwner | undefined) {
    const where = owner?.url === undefined ? "" : `, on ${owner.url}`;
    const who = owner === undefined ? "another process" : `process ${owner.pid} (${owner.command}, since ${owner.started}${where})`;
    super(`The data in ${directory} is in use by ${who}. Stop that one, or choose another directory with --data.`);
  }
}

/** The data directory cannot be made, read or written. */
export class DataDirectoryError extends CrawlerError {
  readonly code = "E_DATA_DIRECTORY";
  readonly retryable = false;

  constructor(directory: string, cause: unknown) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    super(`The data directory ${directory} cannot be used (${reason}). Choose one that this user may write with --data.`, { cause });
  }
}

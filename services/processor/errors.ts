import { CrawlerError } from "../core/protocol/errors.ts";

/** The compiled script of a task is not in the queue server. */
export class ScriptMissingError extends CrawlerError {
  readonly code = "E_SCRIPT_MISSING";
  readonly retryable = true;

  constructor(project: string, scriptHash: string, waitedMs: number) {
    super(
      `the script of ${project} (${scriptHash.slice(0, 12)}…) was not in the queue server for ${waitedMs / 1_000} s. It is stored again with the next dispatch; if this repeats, save the project again.`,
    );
  }
}

/** The queue server has another text under a script's hash. */
export class ScriptHashError extends CrawlerError {
  readonly code = "E_SCRIPT_HASH";
  readonly retryable = true;

  constructor(scriptHash: string) {
    super(
      `The script stored in the queue server under ${scriptHash.slice(0, 12)}… does not have this SHA-256, and was not run. It is stored again with the next dispatch. If this repeats, the script is being tampered with: check who has a password of Redis.`,
    );
  }
}

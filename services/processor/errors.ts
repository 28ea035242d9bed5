import { CrawlerError } from "../core/errors.ts";

/** The compiled script that a task names is not beside the work. */
export class ScriptMissingError extends CrawlerError {
  readonly code = "E_SCRIPT_MISSING";
  readonly retryable = true;

  constructor(project: string, scriptHash: string, waitedMs: number) {
    super(
      `the script of ${project} (${scriptHash.slice(0, 12)}…) was not in the queue server for ${waitedMs / 1_000} s. It is put there again with the next dispatch; if this repeats, save the project once more.`,
    );
  }
}

import { BadInputError, CrawlerError, type Problem } from "../core/protocol/errors.ts";

/** A script that cannot be saved, with all its problems. */
export class BadScriptError extends BadInputError {
  constructor(fileName: string, problems: Problem[]) {
    super(`${fileName} is not a valid script`, problems);
  }
}

/** No process that compiles scripts could be started. */
export class CompilerError extends CrawlerError {
  readonly code = "E_COMPILER";
  readonly retryable = true;

  constructor() {
    super("no process that compiles scripts could be started. Check memory and process limits, then save the script again.");
  }
}

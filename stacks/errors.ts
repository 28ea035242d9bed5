/** Errors of a deployment program, apart from a bad stack config. */
import { CrawlerError } from "../services/core/protocol/errors.ts";

/** The operator's machine has no `ssh`. */
export class NoSshError extends CrawlerError {
  readonly code = "E_NO_SSH";
  readonly retryable = false;

  constructor(options: ErrorOptions) {
    super("The program 'ssh' is needed to reach the hosts, and is not on the PATH of this machine. Install an OpenSSH client.", options);
  }
}

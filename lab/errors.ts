import { CrawlerError } from "../services/core/protocol/errors.ts";

/** This machine lacks something that the lab needs. */
export class LabMachineError extends CrawlerError {
  readonly code = "E_LAB_MACHINE";
  readonly retryable = false;
}

/** A command that the lab runs failed. */
export class LabCommandError extends CrawlerError {
  readonly code = "E_LAB_COMMAND";
  readonly retryable = true;

  /** `end` is how it ended: `exit code 1`; `output` is its output. */
  constructor(command: readonly string[], end: string, output: string) {
    super(`${command.join(" ")}: ${end}. It said:\n${output.trim().split("\n").slice(-20).join("\n")}`);
  }
}

/** A part of the lab was not ready in time. */
export class LabTimeoutError extends CrawlerError {
  readonly code = "E_LAB_TIMEOUT";
  readonly retryable = true;

  constructor(what: string, seconds: number, evidence: string) {
    super(`Not reached after ${seconds} s: ${what}. ${evidence} Restart the lab: ./orb lab down`);
  }
}

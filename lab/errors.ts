import { CrawlerError } from "../services/core/errors.ts";

/** This machine lacks what the lab needs. */
export class LabMachineError extends CrawlerError {
  readonly code = "E_LAB_MACHINE";
  readonly retryable = false;
}

/** A command that the lab runs failed. */
export class LabCommandError extends CrawlerError {
  readonly code = "E_LAB_COMMAND";
  readonly retryable = true;

  /** `end` says how it ended: `exit code 1`; `output` is what it wrote. */
  constructor(command: readonly string[], end: string, output: string) {
    super(`${command.join(" ")}: ${end}. It said:\n${output.trim().split("\n").slice(-20).join("\n")}`);
  }
}

/** A part of the lab did not get ready in its time. */
export class LabTimeoutError extends CrawlerError {
  readonly code = "E_LAB_TIMEOUT";
  readonly retryable = true;

  constructor(what: string, seconds: number, evidence: string) {
    super(`After ${seconds} s still not: ${what}. ${evidence} Take the lab down and up again: ./orb lab down`);
  }
}

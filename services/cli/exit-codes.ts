import { BadScriptError } from "../compiler/errors.ts";
import { BadInputError, CrawlerError } from "../core/protocol/errors.ts";
import { withoutPasswords } from "../core/runtime/log.ts";
import { EXIT_CONFIG } from "../core/runtime/run-main.ts";
import { DataInUseError, InterruptedError, UsageError } from "./errors.ts";

/** What `./orb` exits with; the numbers are those of sysexits.h where it has one. */
export const EXIT = {
  ok: 0,
  /** The command ran and failed. */
  failed: 1,
  /** EX_USAGE: the command line was refused. */
  usage: 64,
  /** EX_DATAERR: the script does not compile. */
  script: 65,
  /** EX_TEMPFAIL: another process has the data. */
  dataInUse: 75,
  /** EX_CONFIG: the environment was refused. */
  config: EXIT_CONFIG,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

/** The exit code of `./orb` for an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof BadScriptError) return EXIT.script;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof BadInputError) return EXIT.config;
  if (error instanceof DataInUseError) return EXIT.dataInUse;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  return EXIT.failed;
}

/** The printed form of an error: message and code if the user can act on it, the stack for a bug. */
export function failureText(error: unknown): string {
  const isKnown = error instanceof CrawlerError;
  const text = isKnown
    ? `${error.message} (${error.code})`
    : `This is a bug in Orbweaver: ${error instanceof Error ? error.stack : String(error)}`;
  return withoutPasswords(text);
}

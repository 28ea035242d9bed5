import { BadInputError, CrawlerError } from "../core/errors.ts";
import { withoutPasswords } from "../core/log.ts";
import { EXIT_CONFIG } from "../core/run-main.ts";
import { BadScriptError } from "../script/errors.ts";
import { DataInUseError, InterruptedError, UsageError } from "./errors.ts";

/** What `./orb` exits with; the numbers are those of sysexits.h where it has one. */
export const EXIT = {
  ok: 0,
  /** It ran and failed. */
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

/** The exit code that an error ends `./orb` with. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof BadScriptError) return EXIT.script;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof BadInputError) return EXIT.config;
  if (error instanceof DataInUseError) return EXIT.dataInUse;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  return EXIT.failed;
}

/** What is printed of an error: its sentence and code where the user can act on it, the stack of a bug. */
export function failureText(error: unknown, colour: boolean): string {
  const isKnown = error instanceof CrawlerError;
  const text = isKnown
    ? `${error.message} (${error.code})`
    : `This is a bug in Orbweaver: ${error instanceof Error ? error.stack : String(error)}`;
  const safe = withoutPasswords(text);
  return colour ? `\u001b[31m${safe}\u001b[0m\n` : `${safe}\n`;
}

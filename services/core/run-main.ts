import { BadInputError, CrawlerError } from "./errors.ts";
import { createLog, type Log } from "./log.ts";
import { abortOnSignals } from "./signals.ts";

/** sysexits.h: the configuration is wrong, so starting again changes nothing. */
export const EXIT_CONFIG = 78;

/**
 * The outermost frame of a role's process: SIGTERM or SIGINT aborts `signal`, then `work` drains and resolves, and the process exits 0.
 *
 * Exits 78 with the list of problems if `work` rejects with BadInputError, 1 for any other rejection. Never returns.
 */
export async function runMain(role: string, work: (signal: AbortSignal, log: Log) => Promise<void>): Promise<never> {
  const log = createLog(role);
  const { signal } = abortOnSignals();
  try {
    await work(signal, log);
    log.info("stopped");
    process.exit(0);
  } catch (error) {
    process.exit(reportFailure(error, log));
  }
}

function reportFailure(error: unknown, log: Log): number {
  if (error instanceof BadInputError) {
    process.stderr.write(`${error.message}\n`);
    return EXIT_CONFIG;
  }
  // A bug needs its stack; what a user can act on only its sentence.
  if (error instanceof CrawlerError) log.fatal({ code: error.code }, error.message);
  else log.fatal({ err: error }, "failed");
  return 1;
}

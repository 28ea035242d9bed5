import { BadInputError, CrawlerError } from "../protocol/errors.ts";
import { visibleText } from "../protocol/visible-text.ts";
import { createLog, type Log } from "./log.ts";
import { abortOnSignals } from "./signals.ts";

/** sysexits.h: the configuration is wrong, so a restart does not help. */
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
    process.stderr.write(`${visibleText(error.message)}\n`);
    return EXIT_CONFIG;
  }
  // A bug needs its stack; an error for users only its message.
  if (error instanceof CrawlerError) log.fatal({ code: error.code }, error.message);
  else log.fatal({ err: error }, "failed");
  return 1;
}

import { z } from "zod";
import { databaseUrl, readEnv } from "../core/runtime/env.ts";

/** Environment variables of the commands that run all roles in one process. All other settings are flags. */
const engineEnv = z
  .object({ ORB_CHROMIUM_PATH: z.string().optional(), ORB_DATABASE_URL: databaseUrl().optional() })
  .transform((env) => ({ chromiumPath: env.ORB_CHROMIUM_PATH, databaseUrl: env.ORB_DATABASE_URL }));

/**
 * Reads them, and takes the database's URL out of the environment, so that no child process has its password.
 *
 * @throws BadInputError
 */
export function readEngineEnv() {
  const env = readEnv(engineEnv);
  for (const name of ["ORB_DATABASE_URL", "ORB_DATABASE_URL_FILE"]) delete process.env[name];
  return env;
}

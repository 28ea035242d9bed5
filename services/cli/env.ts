import { z } from "zod";

/** Environment variables of the commands that run all roles in one process. All other settings are flags. */
export const engineEnv = z
  .object({ ORB_CHROMIUM_PATH: z.string().optional() })
  .transform((env) => ({ chromiumPath: env.ORB_CHROMIUM_PATH }));

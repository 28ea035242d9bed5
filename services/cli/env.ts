import { z } from "zod";

/** Environment of the commands that run all roles in one process; what else there is to say they take as flags. */
export const engineEnv = z
  .object({ ORB_CHROMIUM_PATH: z.string().optional() })
  .transform((env) => ({ chromiumPath: env.ORB_CHROMIUM_PATH }));

/** `./orb upgrade images`: sets today's date in the stack's config, then runs `up`. */
import { type DeployFlags, up } from "./deploy.ts";
import { openStack, setSetting } from "./open-stack.ts";

/** The config keeps the new date even if `up` fails; `up` can be repeated. A second run on the same day downloads nothing. */
export async function upgradeImages(flags: DeployFlags): Promise<number> {
  const stack = await openStack(flags.stack, flags.config);
  await setSetting(stack, "imagesOf", today(Date.now()));
  return up(flags);
}

/** Unix time in ms -> `2026-11-29`, in UTC. */
export const today = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** `./orb scale`: sets the number of replicas in the stack's config, then runs `up`. */

import { ROLES } from "../../../stacks/roles.ts";
import type { Problem } from "../../core/protocol/errors.ts";
import { UsageError } from "../errors.ts";
import { type DeployFlags, upStack } from "./deploy.ts";
import { openStack, setSetting } from "./open-stack.ts";

/**
 * `["webui=4"]` -> `{ webui: 4 }`
 *
 * @throws UsageError naming every argument that is not a role with a number.
 */
export function parseReplicas(words: readonly string[]): Record<string, number> {
  const pairs = words.map((word) => ({ word, match: /^([a-z-]+)=(\d{1,3})$/.exec(word) }));
  const problems: Problem[] = pairs
    .filter(({ match }) => !(ROLES as readonly string[]).includes(match?.[1] ?? ""))
    .map(({ word }) => ({
      path: "ROLE=N",
      value: word,
      remedy: `write a role and a number, such as webui=4; roles are ${ROLES.join(", ")}`,
    }));
  if (problems.length > 0) throw new UsageError("scale", problems);
  return Object.fromEntries(pairs.map(({ match }) => [match?.[1] ?? "", Number(match?.[2])]));
}

/** With `yes` there is no preview. The config keeps the new numbers even if `up` fails; `up` can be repeated. */
export async function scale(flags: DeployFlags, words: readonly string[]): Promise<number> {
  const replicas = parseReplicas(words);
  const stack = await openStack(flags.stack, flags.config);
  for (const [role, count] of Object.entries(replicas)) await setSetting(stack, `replicas.${role}`, String(count));
  return await upStack(stack, flags, flags.yes);
}

/** `./orb scale`: sets the number of replicas in the stack's config, then runs `up`. */

import { ROLES } from "../../../stacks/roles.ts";
import { parseSettings, withParts } from "../../../stacks/stack-settings.ts";
import type { Problem } from "../../core/protocol/errors.ts";
import { UsageError } from "../errors.ts";
import { type DeployFlags, upStack } from "./deploy.ts";
import { textsOf } from "./fleet-hosts.ts";
import { openStack, setSetting } from "./open-stack.ts";

/**
 * `["webui=4"]` -> `{ webui: 4 }`
 *
 * @throws UsageError naming every argument that is not a role with a number, or that repeats a role.
 */
export function parseReplicas(words: readonly string[]): Record<string, number> {
  const pairs = words.map((word) => ({ word, match: /^([a-z-]+)=(\d{1,3})$/.exec(word) }));
  const roles = pairs.map(({ match }) => match?.[1] ?? "");
  const problems: Problem[] = pairs.flatMap(({ word }, index) => {
    const remedy = remedyOf(roles, index);
    return remedy === undefined ? [] : [{ path: "ROLE=N", value: word, remedy }];
  });
  if (problems.length > 0) throw new UsageError("scale", problems);
  return Object.fromEntries(pairs.map(({ match }) => [match?.[1] ?? "", Number(match?.[2])]));
}

function remedyOf(roles: readonly string[], index: number): string | undefined {
  const role = roles[index] ?? "";
  if (!(ROLES as readonly string[]).includes(role)) return `write a role and a number, such as webui=4; roles are ${ROLES.join(", ")}`;
  return roles.indexOf(role) < index ? `write ${role} once` : undefined;
}

/**
 * With `yes` there is no preview. The config keeps the new numbers even if `up` fails; `up` can be repeated.
 *
 * @throws BadInputError if the config with these numbers is not valid; then it is unchanged.
 */
export async function scale(flags: DeployFlags, words: readonly string[]): Promise<number> {
  const replicas = parseReplicas(words);
  const stack = await openStack(flags.stack, flags.config);
  parseSettings(withParts(await textsOf(stack), "replicas", replicas));
  for (const [role, count] of Object.entries(replicas)) await setSetting(stack, `replicas.${role}`, String(count));
  return await upStack(stack, flags, flags.yes);
}

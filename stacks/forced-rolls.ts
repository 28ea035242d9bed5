/** How often Swarm was told to renew each service: a number in the service that a deployment has to hand back as it is, or all replicas are renewed. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ROLES } from "./roles.ts";

const ANSWER_SECONDS = 15;

/** Lines of `<service> <number>`; what is no such line is left out. */
export function parseForcedRolls(text: string): Map<string, number> {
  const lines = text.split("\n").map((line) => /^([a-z-]+) (\d+)$/.exec(line.trim()));
  return new Map(lines.flatMap((match) => (match ? [[match[1] ?? "", Number(match[2])] as const] : [])));
}

/**
 * Asks the managers in turn until one knows of services.
 *
 * @param managers options and destination of ssh(1), one list a host.
 * @returns numbers by service; empty if no manager answers or there is no service yet.
 */
export async function readForcedRolls(managers: readonly string[][]): Promise<Map<string, number>> {
  const command = `docker service inspect ${ROLES.join(" ")} --format '{{.Spec.Name}} {{.Spec.TaskTemplate.ForceUpdate}}' || true`;
  for (const manager of managers) {
    const ask = promisify(execFile)("ssh", ["-o", `ConnectTimeout=${ANSWER_SECONDS}`, ...manager, command], {
      timeout: 2_000 * ANSWER_SECONDS,
    });
    const rolls = parseForcedRolls((await ask.catch(() => ({ stdout: "" }))).stdout);
    if (rolls.size > 0) return rolls;
  }
  return new Map();
}

/** What is known of a deployment's failure beside the engine's message: the last words of replicas that did not come to life. */
import { ROLES } from "../../../stacks/roles.ts";
import { type Fleet, runOnManager } from "./fleet-hosts.ts";
import { type ResourceFailure, resourceName } from "./progress.ts";

const LINES = 15;
const SERVICE_TYPE = "docker:index/service:Service";

/** `<resource>: <message>`, indented; of a role's service with what its newest failed replica logged. */
export async function failureText(failure: ResourceFailure, fleet: Fleet): Promise<string> {
  const role = roleOf(failure.urn);
  const evidence = role === undefined ? "" : await lastWordsOf(role, fleet);
  return indented([`${resourceName(failure.urn)}: ${failure.message}`, evidence].filter(Boolean).join("\n"));
}

/** The role whose service it is; undefined if it is something else. */
export function roleOf(urn: string): string | undefined {
  const [, , types = "", name = ""] = urn.split("::");
  return types.endsWith(`$${SERVICE_TYPE}`) ? ROLES.find((role) => role === name) : undefined;
}

/**
 * Prints `<host> <state> <error>` and then the last lines of the newest replica of a service that failed; nothing if none did. Swarm calls it
 * shut down as soon as it has started another in its place.
 */
export const lastWordsScript = (
  role: string,
) => `task=$(docker service ps ${role} --no-trunc --filter desired-state=shutdown --format '{{.ID}} {{.Node}} {{.CurrentState}} {{.Error}}' | grep -m 1 -E ' (Failed|Rejected) ' || true)
[ -n "$task" ] || exit 0
printf '%s\\n' "\${task#* }"
timeout 20 docker service logs --raw --tail ${LINES} "\${task%% *}" 2>&1 </dev/null || true
`;

async function lastWordsOf(role: string, fleet: Fleet): Promise<string> {
  const { stdout } = await runOnManager(fleet, lastWordsScript(role)).catch(() => ({ stdout: "" }));
  const [state = "", ...lines] = stdout.trim().split("\n");
  if (state === "") return "";
  return [
    `its newest failed replica, on ${state}`,
    ...(lines.length > 0 ? ["its last lines:", ...lines.map((line) => `  ${line}`)] : []),
  ].join("\n");
}

const indented = (text: string) => `  ${text.replaceAll("\n", "\n    ")}`;

/** Resources of the engine's state, and the hosts that they belong to: pure functions. */
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import type { Host } from "../../../stacks/config.ts";
import { sshDestination } from "../../../stacks/ssh.ts";

/** A resource as the state has it. */
export interface StateResource {
  urn: string;
  type: string;
  /** At its provider. */
  id?: string;
  inputs?: Record<string, unknown>;
  /** `<URN>::<id>` of its provider. */
  provider?: string;
  /** URN of the component that it is part of. */
  parent?: string;
}

/** Scripts on hosts. */
export const SCRIPT_TYPE = "command:local:Command";

/** Resources of an exported state, each after those that it needs. */
export const resourcesOf = ({ deployment }: Deployment): StateResource[] =>
  (deployment as { resources?: StateResource[] } | undefined)?.resources ?? [];

/** `urn:pulumi:lab::orbweaver::…::webui` -> `webui` */
export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/** Whether a resource is on a host: a Docker resource is on its provider's host, a script on the host that its command logs in to. */
export function isOnHost(host: Host, { type, provider = "", inputs = {} }: StateResource): boolean {
  if (type === SCRIPT_TYPE) return String(inputs.create).split(" ").includes(sshDestination(host));
  return provider.includes(`::${host.name}-docker::`);
}

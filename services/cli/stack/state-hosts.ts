/** Which resources of the engine's state belong to a host, and the state without them: pure functions. */
import type { Deployment } from "@pulumi/pulumi/automation/index.js";

/** What of a resource refers to others. */
interface LinkedResource {
  urn: string;
  type: string;
  parent?: string;
  provider?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[] | null>;
  deletedWith?: string;
}

const HOST_TYPE = "orbweaver:FleetHost";
/** Containers of a host, and scripts on it, that belong to components of the whole fleet. */
const FRONTS = ["balancer", "edge"];
const SCRIPTS = ["mesh", "swarm", "bases", "roles", "restart", ...FRONTS.map((front) => `${front}-settings`)];

const linkedOf = ({ deployment }: Deployment): LinkedResource[] =>
  (deployment as { resources?: LinkedResource[] } | undefined)?.resources ?? [];
const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";

/** Names of the hosts that a deployment has begun to make part of the fleet. */
export const deployedHosts = (exported: Deployment): Set<string> =>
  new Set(
    linkedOf(exported)
      .filter(({ type }) => type === HOST_TYPE)
      .map(({ urn }) => nameOf(urn)),
  );

/** URNs of what stands on a host: its own resources, those in its Docker, and scripts that other components run on it. */
export function resourcesOn(exported: Deployment, host: string): string[] {
  const resources = linkedOf(exported);
  const own = resources.find(({ type, urn }) => type === HOST_TYPE && nameOf(urn) === host)?.urn;
  if (own === undefined) return [];
  const providers = resources.filter(({ type, parent }) => type === "pulumi:providers:docker" && parent === own).map(({ urn }) => urn);
  const isOn = ({ urn, provider, parent, type }: LinkedResource) =>
    urn === own ||
    parent === own ||
    providers.some((docker) => provider?.startsWith(`${docker}::`)) ||
    (type === "command:local:Command" && SCRIPTS.some((script) => nameOf(urn) === `${host}-${script}`)) ||
    (type === "orbweaver:FrontContainer" && FRONTS.some((front) => nameOf(urn) === `${host}-${front}`));
  return resources.filter(isOn).map(({ urn }) => urn);
}

/** The state without some resources. What referred to them no longer does, as the engine requires. */
export function withoutResources(exported: Deployment, urns: readonly string[]): Deployment {
  const gone = new Set(urns);
  const kept = linkedOf(exported)
    .filter(({ urn }) => !gone.has(urn))
    .map((resource) => withoutReferences(resource, gone));
  return { ...exported, deployment: { ...(exported.deployment as object), resources: kept } };
}

function withoutReferences({ deletedWith, ...resource }: LinkedResource, gone: ReadonlySet<string>): LinkedResource {
  const keep = (list: string[] | null) => (list ?? []).filter((urn) => !gone.has(urn));
  const properties = Object.entries(resource.propertyDependencies ?? {}).map(([name, list]) => [name, keep(list)] as const);
  return {
    ...resource,
    ...(deletedWith === undefined || gone.has(deletedWith) ? {} : { deletedWith }),
    ...(resource.dependencies === undefined ? {} : { dependencies: keep(resource.dependencies) }),
    ...(resource.propertyDependencies === undefined ? {} : { propertyDependencies: Object.fromEntries(properties) }),
  };
}

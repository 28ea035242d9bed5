/** Which resources of the engine's state belong to a host, and the state without them: pure functions. */
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import type { Host } from "../../../stacks/config.ts";
import { isOnHost, nameOf, resourcesOf, type StateResource } from "./state-resources.ts";

/** The references of a resource to others. */
interface LinkedResource extends StateResource {
  dependencies?: string[];
  propertyDependencies?: Record<string, string[] | null>;
  deletedWith?: string;
}

const HOST_TYPE = "orbweaver:FleetHost";

/** Names of the hosts that a deployment has begun to add to the fleet. */
export const deployedHosts = (exported: Deployment): Set<string> =>
  new Set(
    resourcesOf(exported)
      .filter(({ type }) => type === HOST_TYPE)
      .map(({ urn }) => nameOf(urn)),
  );

/** URNs of a host's resources: its scripts, its Docker with its contents, and components without other parts. */
export function resourcesOn(exported: Deployment, host: Host): string[] {
  const resources = resourcesOf(exported);
  const isDocker = ({ type, urn }: StateResource) => type === "pulumi:providers:docker" && nameOf(urn) === `${host.name}-docker`;
  const gone = new Set(resources.filter((resource) => isDocker(resource) || isOnHost(host, resource)).map(({ urn }) => urn));
  // From the end, because a component precedes its parts.
  for (const { urn } of resources.toReversed()) {
    const parts = resources.filter(({ parent }) => parent === urn);
    if (parts.length > 0 && parts.every((part) => gone.has(part.urn))) gone.add(urn);
  }
  return resources.filter(({ urn }) => gone.has(urn)).map(({ urn }) => urn);
}

/** The state without some resources. References to them are removed, as the engine requires. */
export function withoutResources(exported: Deployment, urns: readonly string[]): Deployment {
  const gone = new Set(urns);
  const kept = resourcesOf(exported)
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

/** What the engine's state says of the fleet: pure functions of `pulumi stack export`. */

/** A resource, as far as these functions need it. */
interface StateResource {
  urn: string;
  type: string;
  id?: string;
  parent?: string;
  provider?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[] | null>;
  deletedWith?: string;
}

/** `pulumi stack export`, version 3. */
export interface ExportedStack {
  version: number;
  // biome-ignore lint/suspicious/noExplicitAny: the engine's own format; only the resources are read.
  deployment: any;
}

const HOST_TYPE = "orbweaver:FleetHost";

const resourcesOf = ({ deployment }: ExportedStack): StateResource[] => (deployment?.resources ?? []) as StateResource[];

const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";

/** Names of the hosts that a deployment has begun to make part of the fleet. */
export const deployedHosts = (stack: ExportedStack): Set<string> =>
  new Set(
    resourcesOf(stack)
      .filter(({ type }) => type === HOST_TYPE)
      .map(({ urn }) => nameOf(urn)),
  );

/** Resources that stand on a host: its own, those of its Docker, and the scripts named `<host>-…`. */
export function resourcesOn(stack: ExportedStack, host: string): string[] {
  const resources = resourcesOf(stack);
  const own = resources.find(({ type, urn }) => type === HOST_TYPE && nameOf(urn) === host)?.urn;
  const providers = resources.filter(({ type, parent }) => type === "pulumi:providers:docker" && parent === own).map(({ urn }) => urn);
  const isOn = ({ urn, provider, parent, type }: StateResource) =>
    urn === own ||
    (own !== undefined && parent === own) ||
    providers.some((docker) => provider?.startsWith(`${docker}::`)) ||
    (type === "command:local:Command" && SCRIPTS.some((script) => nameOf(urn) === `${host}-${script}`)) ||
    (type === "orbweaver:FrontContainer" && FRONTS.some((front) => nameOf(urn) === `${host}-${front}`));
  return resources.filter(isOn).map(({ urn }) => urn);
}

/** Scripts and containers of a host that other components hold. */
const FRONTS = ["balancer", "edge"];
const SCRIPTS = ["mesh", "swarm", "images", "restart", ...FRONTS.map((front) => `${front}-settings`)];

/** The state without some resources, as if they had never been; what depended on them no longer does. */
export function withoutResources(stack: ExportedStack, urns: readonly string[]): ExportedStack {
  const gone = new Set(urns);
  const kept = resourcesOf(stack)
    .filter(({ urn }) => !gone.has(urn))
    .map((resource) => withoutReferences(resource, gone));
  const operations = ((stack.deployment?.pending_operations ?? []) as { resource: StateResource }[]).filter(
    ({ resource }) => !gone.has(resource.urn),
  );
  return { ...stack, deployment: { ...stack.deployment, resources: kept, pending_operations: operations } };
}

function withoutReferences(resource: StateResource, gone: ReadonlySet<string>): StateResource {
  const keep = (list: string[] | null | undefined) => (list ?? []).filter((urn) => !gone.has(urn));
  const { deletedWith, ...rest } = resource;
  return {
    ...rest,
    ...(deletedWith === undefined || gone.has(deletedWith) ? {} : { deletedWith }),
    ...(resource.dependencies === undefined ? {} : { dependencies: keep(resource.dependencies) }),
    ...(resource.propertyDependencies === undefined
      ? {}
      : {
          propertyDependencies: Object.fromEntries(Object.entries(resource.propertyDependencies).map(([name, list]) => [name, keep(list)])),
        }),
  };
}

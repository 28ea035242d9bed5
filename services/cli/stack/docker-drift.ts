/** Compares the hosts' containers, networks, services and secrets with the engine's state. */
import type { Host } from "../../../stacks/config.ts";
import { MIB } from "../../core/protocol/byte-units.ts";
import type { ContainerReport, HostAnswer, HostReport } from "./host-report.ts";
import { isOnHost, nameOf, SCRIPT_TYPE, type StateResource } from "./state-resources.ts";

export interface Drift {
  /** Its name. */
  host: string;
  /** The resource's name; empty if none was declared. */
  resource: string;
  /** For people: `the container orbweaver-edge is exited`. */
  what: string;
  /** What to do, if `./orb up` does not repair it. */
  remedy?: string;
  /** For a resource that the engine has to refresh before it can repair it. */
  refresh?: string;
}

const DOCKER = { container: "docker:index/container:Container", network: "docker:index/network:Network" };
const SERVICE = "docker:index/service:Service";
const SECRET = "docker:index/secret:Secret";

/** All differences; hosts that were not asked, or whose Docker does not answer, are left out. */
export function findDockerDrift(resources: readonly StateResource[], answers: readonly HostAnswer[]): Drift[] {
  return answers.flatMap(({ host, report }) => {
    if (report === undefined) return [];
    const own = resources.filter((resource) => isOnHost(host, resource));
    const records = own.flatMap((resource) => missingRecord(host, resource, report));
    if (report.noDocker !== undefined) return records;
    return [...records, ...own.flatMap((resource) => compare(host, resource, report)), ...extraContainers(host, own, report)];
  });
}

function missingRecord(host: Host, resource: StateResource, { records }: HostReport): Drift[] {
  const name = nameOf(resource.urn);
  const isScript = resource.type === SCRIPT_TYPE && resource.inputs?.stdin !== undefined;
  return isScript && !records.runs.has(name) ? [{ host: host.name, resource: name, what: `the host has no record of ${name}` }] : [];
}

function compare(host: Host, resource: StateResource, report: HostReport): Drift[] {
  const { type, id = "", inputs = {}, urn } = resource;
  const place = { host: host.name, resource: nameOf(resource.urn) };
  const unless = (isThere: boolean, kind: string): Drift[] =>
    isThere ? [] : [{ ...place, what: `the ${kind} ${String(inputs.name)} is missing`, refresh: urn }];
  if (type === DOCKER.network) return unless(report.networks.includes(id), "network");
  if (type === DOCKER.container) return compareContainer(place, resource, report.containers);
  if (report.swarm === undefined) return [];
  if (type === SERVICE)
    return unless(
      report.swarm.services.some((service) => service.id === id),
      "service",
    );
  if (type === SECRET) return unless(report.swarm.secrets.includes(id), "secret");
  return [];
}

type Place = Pick<Drift, "host" | "resource">;

function compareContainer(place: Place, { id, inputs = {}, urn }: StateResource, all: readonly ContainerReport[]): Drift[] {
  const name = String(inputs.name);
  const container = all.find((one) => one.id === id);
  if (container === undefined) {
    const isReplaced = all.some((one) => one.name === name);
    const what = `the container ${name} ${isReplaced ? "is not the one that was deployed" : "is missing"}`;
    return [
      {
        ...place,
        what,
        refresh: urn,
        ...(isReplaced ? { remedy: `remove it on ${place.host} (docker rm --force ${name}), then ./orb up` } : {}),
      },
    ];
  }
  const settings = settingDrifts(inputs, container).map(
    (what): Drift => ({ ...place, what: `the container ${name}: ${what}`, refresh: urn }),
  );
  // The engine does not detect these.
  const again = `remove it on ${place.host} (docker rm --force ${name}), then ./orb up`;
  const hidden = [
    ...(container.name === name ? [] : [{ what: `the container ${name} has the name ${container.name}`, remedy: again }]),
    ...networkDrifts(inputs, container).map((what) => ({ what: `the container ${name}: ${what}`, remedy: again })),
  ].map((drift): Drift => ({ ...place, ...drift, refresh: urn }));
  return [...stateDrifts(place, name, container, urn), ...settings, ...hidden];
}

function stateDrifts(place: Place, name: string, { status }: ContainerReport, urn: string): Drift[] {
  if (status === "running" || status === "restarting") return [];
  const remedy = status === "paused" ? { remedy: `on ${place.host}: docker unpause ${name}` } : {};
  return [{ ...place, what: `the container ${name} is ${status}`, refresh: urn, ...remedy }];
}

function settingDrifts(inputs: Record<string, unknown>, { memory, memorySwap, restart }: ContainerReport): string[] {
  const pairs = [
    ["memory, in MiB,", memory / MIB, inputs.memory],
    ["memory with swap, in MiB,", memorySwap / MIB, inputs.memorySwap],
    ["restart policy", restart, inputs.restart],
  ] as const;
  return pairs.filter(([, now, declared]) => now !== declared).map(([what, now, declared]) => `${what} is ${now} instead of ${declared}`);
}

function networkDrifts({ networkMode, networksAdvanced = [] }: Record<string, unknown>, { networks, status }: ContainerReport): string[] {
  // The networks of a stopped container are unknown.
  if (networkMode !== undefined || status !== "running") return [];
  const declared = (networksAdvanced as { name: string }[]).map(({ name }) => name);
  return [
    ...declared.filter((name) => !networks.includes(name)).map((name) => `is not in the network ${name}`),
    ...networks.filter((name) => !declared.includes(name)).map((name) => `is in the network ${name}`),
  ];
}

function extraContainers(host: Host, own: readonly StateResource[], { containers }: HostReport): Drift[] {
  const names = new Set(own.filter(({ type }) => type === DOCKER.container).map(({ inputs }) => inputs?.name));
  const ids = new Set(own.map(({ id }) => id));
  return containers
    .filter(({ id, name }) => name.startsWith("orbweaver-") && !ids.has(id) && !names.has(name))
    .map(({ name }) => ({
      host: host.name,
      resource: "",
      what: `the container ${name} is not of this fleet`,
      remedy: `remove it on ${host.name}: docker rm --force ${name}`,
    }));
}

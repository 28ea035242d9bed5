/** The fleet: read the stack config, wire the components, export the outputs. Run by `pulumi up` and by `./orb up` alike. */
import * as pulumi from "@pulumi/pulumi";
import { edgeUrls, hostAddresses } from "./addresses.ts";
import { DataPlane } from "./components/data-plane.ts";
import { FleetHost } from "./components/fleet-host.ts";
import { Images } from "./components/images.ts";
import { Ingress } from "./components/ingress.ts";
import { Mesh } from "./components/mesh.ts";
import { RestartSchedule } from "./components/restart-schedule.ts";
import { RoleServices } from "./components/role-services.ts";
import { Swarm } from "./components/swarm.ts";
import { derivePasswords } from "./config/passwords.ts";
import type { FleetConfig, Host } from "./config.ts";
import { NO_RECORDS } from "./host-records.ts";
import { packImageContexts } from "./image-context.ts";
import { resolveAddresses } from "./peer-addresses.ts";
import { type Contact, contactHosts } from "./preflight.ts";
import { hostSettings, REGISTRY_PORT } from "./render/host-settings.ts";
import type { ServiceFacts } from "./service-declaration.ts";
import { knownHostsFile } from "./stack-directory.ts";
import { readStackConfig } from "./stack-settings.ts";
import { planSwarm } from "./swarm-plan.ts";

export interface FleetOutputs {
  /** The URLs of the web UI: the domain, or without one each edge host. */
  edges: string[];
  /** Public addresses by host name. */
  hosts: Record<string, string>;
  /** Grants access to the web UI. */
  adminToken: pulumi.Output<string>;
}

/** Contacts all hosts of a config; writes keys of new hosts to the file. */
type ContactAll = (config: FleetConfig, knownHostsPath: string) => Promise<Contact>;

/**
 * Declares the whole fleet.
 *
 * @param contactAll contacts the hosts; a command that runs the program twice passes a function that caches the answer.
 * @throws BadInputError before anything is declared, naming every problem of the stack config, or every host that cannot join the fleet.
 */
export default async function fleet(contactAll: ContactAll = contactHosts): Promise<FleetOutputs> {
  const config = readStackConfig();
  const addresses = await resolveAddresses(config.hosts);
  const contact = await contactAll(config, knownHostsFile(pulumi.getStack()));
  const contexts = await packImageContexts((line) => void pulumi.log.info(line));
  const passwords = derivePasswords(config.secret);
  const data = dataHostOf(config);
  const registry = `${data.meshIp}:${REGISTRY_PORT}`;

  const hosts = config.hosts.map((host) => declareHost(host, { config, contact, registry, addresses }));
  const of = (chosen: Host[]) => hosts.filter(({ host }) => chosen.some(({ name }) => name === host.name));
  const [onData] = of([data]);
  if (!onData) throw new Error("unreachable: parseStackConfig refuses a config without a data host");
  const plan = planSwarm(config.hosts, contact.facts);
  const [lead = onData] = of([plan.lead]);
  const managers = of(plan.managers);
  const mesh = new Mesh(hosts);
  const swarm = new Swarm({ lead, managers, workers: hosts.filter((host) => !managers.includes(host)) }, { dependsOn: mesh.joined });
  const dataPlane = new DataPlane({ on: onData, config, passwords }, { dependsOn: swarm.joined });
  const images = new Images(
    {
      ...{ on: onData, hosts, nodes: swarm.nodes, contexts, images: config.images, imagesOf: config.imagesOf },
      ...{ registry, registryContainer: dataPlane.registry.container },
    },
    { dependsOn: mesh.joined },
  );
  const ingress = new Ingress(
    {
      on: hosts.filter(({ host }) => host.role === "worker"),
      config,
      passphrase: passwords.certificate,
      networks: dataPlane.networks,
      images: images.ofFronts,
    },
    { dependsOn: swarm.joined },
  );
  const existing = servicesOf(contact);
  const roles = new RoleServices(
    {
      ...{ on: onData, config, passwords, data: dataPlane, images: images.ofRoles },
      version: `${Object.values(contexts)
        .map(({ hash }) => hash)
        .join(" ")} ${JSON.stringify([config.images, config.imagesOf])}`,
      architecture: ARCHITECTURES[contact.facts.get(data.name)?.processor ?? ""] ?? "amd64",
      existing,
    },
    // A fleet that runs gets its balancers' settings first. A new one starts all at once.
    { dependsOn: existing.size > 0 ? [ingress] : swarm.joined, providers: { docker: onData.docker } },
  );
  if (config.restart !== undefined) new RestartSchedule({ managers, onCalendar: config.restart }, { dependsOn: [ingress, roles] });
  return {
    edges: edgeUrls(config),
    hosts: hostAddresses(config.hosts),
    adminToken: pulumi.secret(passwords.adminToken),
  };
}

const dataHostOf = ({ hosts }: FleetConfig): Host => {
  const data = hosts.find(({ role }) => role === "data");
  if (!data) throw new Error("unreachable: parseStackConfig refuses a config without a data host");
  return data;
};

/** From the first manager that has services; empty if there is no fleet yet. */
const servicesOf = ({ facts }: Contact): ReadonlyMap<string, ServiceFacts> =>
  [...facts.values()].map(({ services }) => services).find(({ size }) => size > 0) ?? new Map();

/** uname(1)'s names of processors by Docker's. */
const ARCHITECTURES: Record<string, string> = { x86_64: "amd64", aarch64: "arm64" };

/** For a host that does not answer: the swarm's data about it. */
const joinedIdentity = ({ meshIp }: Host, { facts }: Contact): string =>
  [...facts.values()].flatMap(({ nodes }) => nodes).find((node) => node.meshIp === meshIp)?.identity ?? "";

interface HostContext {
  config: FleetConfig;
  contact: Contact;
  registry: string;
  addresses: ReadonlyMap<string, string[]>;
}

const declareHost = (host: Host, { config, contact, registry, addresses }: HostContext): FleetHost =>
  new FleetHost({
    host,
    hostKey: contact.hostKeys.get(host.name) ?? "",
    identity: contact.facts.get(host.name)?.machineId ?? joinedIdentity(host, contact),
    isAbsent: !contact.facts.has(host.name),
    records: contact.facts.get(host.name)?.records ?? NO_RECORDS,
    bootstrap: hostSettings(host, { config, registry, addresses }),
  });

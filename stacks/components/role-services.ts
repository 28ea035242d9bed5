import type { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { replacedAtOnce, workersOf } from "../config/capacity.ts";
import type { DatabaseLogin, Passwords, QueueLogin } from "../config/passwords.ts";
import type { FleetConfig } from "../config.ts";
import { hasDrifted } from "../host-records.ts";
import { OVERLAY_RANGE } from "../ranges.ts";
import { CHROMIUM_SANDBOX } from "../render/container-runtime.ts";
import { databaseScript } from "../render/database-script.ts";
import { PLACE_LABEL } from "../render/docker-daemon.ts";
import { DATABASE } from "../render/postgres.ts";
import { redisMemoryMiB } from "../render/redis.ts";
import { HAS_IMAGES } from "../render/swarm-script.ts";
import { NETWORKS, type Network, PORTS, ROLES, type Role } from "../roles.ts";
import { declareService, hashOf, type ServiceFacts } from "../service-declaration.ts";
import type { DataPlane } from "./data-plane.ts";
import type { FleetHost } from "./fleet-host.ts";
import { remoteScript } from "./remote-script.ts";
import { RoleService } from "./role-service.ts";

export interface RoleServicesArgs {
  /** The data host. */
  on: FleetHost;
  config: FleetConfig;
  passwords: Passwords;
  data: DataPlane;
  images: pulumi.Output<Record<string, string>>;
  /** The id of the images' content: another version changes the declaration. */
  version: string;
  /** Of all hosts, as Docker names it: `amd64`. */
  architecture: string;
  /** By service, from a manager's description. */
  existing: ReadonlyMap<string, ServiceFacts>;
}

/** All roles, once Postgres and Redis are ready for them. */
export class RoleServices extends pulumi.ComponentResource {
  readonly database: local.Command;
  readonly services: RoleService[];

  constructor(args: RoleServicesArgs, options: pulumi.ComponentResourceOptions) {
    super("orbweaver:RoleServices", "roles", {}, options);
    const { on, config, passwords, data, images } = args;
    const imageOf = (role: Role) => images.apply((reference) => reference[role] ?? "");
    this.database = remoteScript(
      "database",
      {
        on,
        script: pulumi
          .all([imageOf("scheduler"), data.networks.store.name, data.networks.queue.name, pulumi.secret(passwords)])
          .apply(([image, store, queue, secrets]) => databaseScript({ passwords: secrets, image, networks: { store, queue } })),
      },
      { parent: this, dependsOn: [data.postgres.container, data.redis.container] },
    );
    const workers = workersOf(config.hosts);
    this.services = ROLES.filter((role) => config.replicas[role] > 0).map((role) => {
      const settings = {
        role,
        replicas: config.replicas[role],
        atOnce: replacedAtOnce(config.replicas[role], workers),
        limitMiB: config.limitsMiB[role],
        environment: environmentOf(role, config),
        secrets: secretsOf(role, passwords, config),
        placement: placementOf(role),
        architecture: args.architecture,
      };
      const networks = networksOf(role, config).map((network) => data.networks[network].id);
      const declaration = declareService(
        hashOf({ ...settings, version: args.version }),
        args.existing.get(role),
        hasDrifted(on.records, `${role}-rollout`),
      );
      return new RoleService({ ...settings, on, image: imageOf(role), networks, database: this.database, declaration }, { parent: this });
    });
    this.registerOutputs();
  }
}

/** Schedulers preferably on the data host, next to Postgres and Redis; the groups on worker hosts, spread evenly. */
const placementOf = (role: Role) =>
  role === "scheduler"
    ? { constraints: [HAS_IMAGES], preferences: [`engine.labels.${PLACE_LABEL}`] }
    : { constraints: [`engine.labels.${PLACE_LABEL}==worker`, HAS_IMAGES], preferences: ["node.id"] };

/** The scheduler needs the internet only if it orders certificates. */
const networksOf = (role: Role, { tls }: FleetConfig): readonly Network[] =>
  role === "scheduler" && acmeOf(tls) !== undefined ? [...NETWORKS.scheduler, "web"] : NETWORKS[role];

const acmeOf = (tls: FleetConfig["tls"]) => (tls !== undefined && "acme" in tls.certificate ? tls.certificate.acme : undefined);

function certificateEnvironment(tls: FleetConfig["tls"]): Record<string, string> {
  const acme = acmeOf(tls);
  if (tls === undefined || acme === undefined) return {};
  const email: Record<string, string> = acme.email === undefined ? {} : { ORB_ACME_EMAIL: acme.email };
  return { ORB_ACME_DOMAIN: tls.domain, ORB_ACME_DIRECTORY: acme.directory, ...email };
}

function certificateSecrets(tls: FleetConfig["tls"], passphrase: string): Record<string, string> {
  const acme = acmeOf(tls);
  if (acme === undefined) return {};
  // A certificate is no secret, but has several lines: it is passed as a file.
  const authority: Record<string, string> = acme.authority === undefined ? {} : { ORB_ACME_AUTHORITY: acme.authority };
  return { ORB_ACME_PASSPHRASE: passphrase, ...authority };
}

function environmentOf(role: Role, { limitsMiB, allowAddresses, isDemo, tls }: FleetConfig): Record<string, string> {
  const ranges: Record<string, string> = allowAddresses.length > 0 ? { ORB_ALLOW_ADDRESSES: allowAddresses.join(",") } : {};
  const environments: Record<Role, Record<string, string>> = {
    // As in pyspider's public demo.
    scheduler: {
      ORB_IN_FLIGHT_MIB: String(Math.floor(redisMemoryMiB(limitsMiB.redis) / 2)),
      ORB_DELETE_SECONDS: "43200",
      ...certificateEnvironment(tls),
    },
    fetcher: { ORB_RENDERER_URL: `http://balancer:${PORTS.renderer}`, ORB_CONCURRENCY: "32", ORB_BODY_BUDGET_MIB: "12", ...ranges },
    renderer: { ...CHROMIUM_SANDBOX, ...ranges },
    // One child fits in addition to the processor itself.
    processor: { ORB_SCRIPT_PROCESSES: "1", ORB_SCRIPT_MEMORY_MIB: "160" },
    "result-worker": {},
    // The balancer sends from its address in an overlay network, and forwards the client address that the edge saw.
    webui: { ORB_TRUSTED_PROXIES: OVERLAY_RANGE, ...(isDemo ? { ORB_MAX_RATE: "0.2", ORB_MAX_BURST: "3" } : {}) },
  };
  return environments[role];
}

function secretsOf(role: Role, { queue, database, adminToken, certificate }: Passwords, { tls }: FleetConfig): Record<string, string> {
  const redis = (login: QueueLogin) => ({ ORB_REDIS_URL: `redis://${login}:${queue[login]}@redis:6379` });
  const postgres = (login: DatabaseLogin) => ({ ORB_DATABASE_URL: `postgres://${login}:${database[login]}@postgres:5432/${DATABASE}` });
  const secrets: Record<Role, Record<string, string>> = {
    scheduler: { ...redis("scheduler"), ...postgres("scheduler"), ...certificateSecrets(tls, certificate) },
    fetcher: redis("fetcher"),
    processor: redis("processor"),
    "result-worker": { ...redis("result-worker"), ...postgres("result-worker") },
    webui: { ...redis("webui"), ...postgres("webui"), ORB_ADMIN_TOKEN: adminToken },
    renderer: {},
  };
  return secrets[role];
}

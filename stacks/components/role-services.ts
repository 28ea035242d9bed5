import type { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { replacedAtOnce, workersOf } from "../config/capacity.ts";
import type { DatabaseLogin, Passwords, QueueLogin } from "../config/passwords.ts";
import type { FleetConfig } from "../config.ts";
import { hasDrifted } from "../host-records.ts";
import { OVERLAY_RANGE } from "../ranges.ts";
import { databaseScript } from "../render/database-script.ts";
import { PLACE_LABEL } from "../render/host-settings.ts";
import { DATABASE } from "../render/postgres.ts";
import { redisMemoryMiB } from "../render/redis.ts";
import { HAS_IMAGES } from "../render/swarm-script.ts";
import { NETWORKS, PORTS, ROLES, type Role } from "../roles.ts";
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
  /** What names the images' content: another version of them is another declaration. */
  version: string;
  /** Of all hosts, as Docker names it: `amd64`. */
  architecture: string;
  /** By service, as a manager describes them. */
  existing: ReadonlyMap<string, ServiceFacts>;
}

/** All roles, once the database is as they expect it. */
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
          .all([imageOf("scheduler"), data.networks.store.name, pulumi.secret(passwords.database)])
          .apply(([image, network, logins]) => databaseScript({ passwords: logins, image, network })),
      },
      { parent: this, dependsOn: [data.postgres.container] },
    );
    const workers = workersOf(config.hosts);
    this.services = ROLES.filter((role) => config.replicas[role] > 0).map((role) => {
      const settings = {
        role,
        replicas: config.replicas[role],
        atOnce: replacedAtOnce(config.replicas[role], workers),
        limitMiB: config.limitsMiB[role],
        environment: environmentOf(role, config),
        secrets: secretsOf(role, passwords),
        placement: placementOf(role),
        architecture: args.architecture,
      };
      const networks = NETWORKS[role].map((network) => data.networks[network].id);
      const declaration = declareService(
        hashOf({ ...settings, version: args.version }),
        args.existing.get(role),
        hasDrifted(on.records, `${role}-rollout`),
      );
      return new RoleService(
        { ...settings, on, image: imageOf(role), networks, declaration },
        { parent: this, dependsOn: [this.database, data.redis.container] },
      );
    });
    this.registerOutputs();
  }
}

/** Schedulers first on the data host, beside what they talk to; the groups on worker hosts, spread evenly. */
const placementOf = (role: Role) =>
  role === "scheduler"
    ? { constraints: [HAS_IMAGES], preferences: [`engine.labels.${PLACE_LABEL}`] }
    : { constraints: [`engine.labels.${PLACE_LABEL}==worker`, HAS_IMAGES], preferences: ["node.id"] };

function environmentOf(role: Role, { limitsMiB, allowAddresses, isDemo }: FleetConfig): Record<string, string> {
  const ranges: Record<string, string> = allowAddresses.length > 0 ? { ORB_ALLOW_ADDRESSES: allowAddresses.join(",") } : {};
  const environments: Record<Role, Record<string, string>> = {
    // As in pyspider's public demo.
    scheduler: { ORB_IN_FLIGHT_MIB: String(Math.floor(redisMemoryMiB(limitsMiB.redis) / 2)), ORB_DELETE_SECONDS: "43200" },
    fetcher: { ORB_RENDERER_URL: `http://balancer:${PORTS.renderer}`, ORB_CONCURRENCY: "32", ORB_BODY_BUDGET_MIB: "12", ...ranges },
    renderer: ranges,
    // One child fits beside the processor itself.
    processor: { ORB_SCRIPT_PROCESSES: "1", ORB_SCRIPT_MEMORY_MIB: "160" },
    "result-worker": {},
    // The balancer asks from its address in an overlay network, and hands on whom the edge saw.
    webui: { ORB_TRUSTED_PROXIES: OVERLAY_RANGE, ...(isDemo ? { ORB_MAX_RATE: "0.2", ORB_MAX_BURST: "3" } : {}) },
  };
  return environments[role];
}

function secretsOf(role: Role, { queue, database, adminToken }: Passwords): Record<string, string> {
  const redis = (login: QueueLogin) => ({ ORB_REDIS_URL: `redis://${login}:${queue[login]}@redis:6379` });
  const postgres = (login: DatabaseLogin) => ({ ORB_DATABASE_URL: `postgres://${login}:${database[login]}@postgres:5432/${DATABASE}` });
  const secrets: Record<Role, Record<string, string>> = {
    scheduler: { ...redis("scheduler"), ...postgres("scheduler") },
    fetcher: redis("fetcher"),
    processor: redis("processor"),
    "result-worker": { ...redis("result-worker"), ...postgres("result-worker") },
    webui: { ...redis("webui"), ...postgres("webui"), ORB_ADMIN_TOKEN: adminToken },
    renderer: {},
  };
  return secrets[role];
}
